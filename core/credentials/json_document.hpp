#pragma once

#include "core/base/secret.hpp"

#include <cstddef>
#include <cstdint>
#include <expected>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace arngate::credentials {

/// A JSON object whose values may be keys: what services, processes and cache files say. Values are wiped when it goes.
/// Objects inside are followed one level deep; whatever else is inside is kept as it is written, for rewriting a cache.
class JsonDocument {
public:
    JsonDocument() = default;

    /// Takes the bytes and wipes them. Names that are there twice are an error, as which one counts is anybody's guess.
    /// The error says what is wrong and shows nothing of the bytes.
    [[nodiscard]] static std::expected<JsonDocument, std::string> parse(Secret bytes, std::size_t max_bytes);

    /// The text of a member, or of a member of the object `parent`; nothing if it is missing or no text. The view lives
    /// as long as the document is not changed.
    [[nodiscard]] std::optional<std::string_view> text(std::string_view name) const { return text({}, name); }
    [[nodiscard]] std::optional<std::string_view> text(std::string_view parent, std::string_view name) const;
    [[nodiscard]] std::optional<std::int64_t> integer(std::string_view name) const { return integer({}, name); }
    [[nodiscard]] std::optional<std::int64_t> integer(std::string_view parent, std::string_view name) const;
    /// Whether there is such a member, of any kind.
    [[nodiscard]] bool has(std::string_view name) const;

    void set_text(std::string_view name, std::string_view value) { set_text({}, name, value); }
    void set_text(std::string_view parent, std::string_view name, std::string_view value);

    /// The object as JSON, names sorted.
    [[nodiscard]] Secret to_json() const;

private:
    struct Value {
        bool is_text = false;
        Secret bytes;  ///< of a text the text itself, else JSON
    };
    using Members = std::map<std::string, Value, std::less<>>;

    [[nodiscard]] const Value* find(std::string_view parent, std::string_view name) const;

    Members members_;
    std::map<std::string, Members, std::less<>> objects_;
};

}  // namespace arngate::credentials
