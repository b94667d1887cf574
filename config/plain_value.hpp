#pragma once

#include "config/document.hpp"
#include "config/yaml_document.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace arngate::config {

/// The bytes of a plain YAML key at the beginning of the text, up to its colon and a blank or the end; 0 if there is
/// none, or it has a character that is in no key of ours.
[[nodiscard]] std::size_t plain_key_bytes(std::string_view text) noexcept;
/// Whether the key means something to YAML: null, in any letter case.
[[nodiscard]] bool is_reserved_key(std::string_view key) noexcept;

/// For read_plain_yaml: the values that stand in one line, and what all values of a text cost, against the limits of
/// read_yaml. A member function that returns false has met what is not for the short way; reading has to end there.
class PlainValues {
public:
    explicit PlainValues(YamlDialect dialect) noexcept : dialect_(dialect) {}

    /// Begins and ends a map or list, which `node` becomes.
    [[nodiscard]] bool open(Node& node, Node::Kind kind, Position at);
    void close(const Node& node) noexcept;
    [[nodiscard]] bool spend(std::size_t bytes) noexcept;

    /// A value in quotes, in brackets or braces, or plain, and a comment behind it. `written` is the rest of its line,
    /// without blanks around it and not empty.
    [[nodiscard]] bool read(std::string_view written, Position at, Node& node);

private:
    [[nodiscard]] bool read_plain(std::string_view written, Position at, Node& node);
    [[nodiscard]] bool read_quoted(Node& node);
    [[nodiscard]] bool read_flow(Node& node);
    [[nodiscard]] bool read_flow_member(Node& map);
    [[nodiscard]] bool read_flow_plain(Node& node);
    [[nodiscard]] std::string_view take_quoted();
    void skip_blanks() noexcept;
    [[nodiscard]] bool is_at(char c) const noexcept { return next_ < text_.size() && text_[next_] == c; }
    [[nodiscard]] bool ends_here() noexcept;
    [[nodiscard]] Position place() const noexcept { return {start_.line, start_.column + static_cast<int>(next_)}; }

    YamlDialect dialect_;
    std::size_t cost_ = 0;
    std::size_t depth_ = 0;
    /// Of the map or list before, at each depth: most entries of a list are alike.
    std::array<std::uint8_t, max_document_depth + 1> sizes_{};
    // The line that is read, and where reading is.
    std::string_view text_;
    std::size_t next_ = 0;
    Position start_;
};

}  // namespace arngate::config
