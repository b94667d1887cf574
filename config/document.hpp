#pragma once

#include "config/problem.hpp"

#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace arngate::config {

struct Position {
    int line = 0;    ///< from 1; 0: not from a file
    int column = 0;  ///< from 1
};

struct Member;

/// One value of a document, whatever format it was written in. Aliases and merge keys are resolved.
struct Node {
    enum class Kind : std::uint8_t { null, text, number, boolean, list, map };

    Kind kind = Kind::null;
    Position at;
    std::string text;     ///< of texts; of numbers in plain decimal; "true" or "false" of booleans
    std::string written;  ///< of numbers, and of booleans of YAML 1.1: as the author wrote them
    std::vector<Node> items;
    std::vector<Member> members;  ///< no two keys equal when letter case is ignored

    /// The member of this key, ignoring letter case, or nullptr; also nullptr if this is no map.
    [[nodiscard]] const Member* find(std::string_view key) const noexcept;
    [[nodiscard]] Member* find(std::string_view key) noexcept;
    [[nodiscard]] bool is_scalar() const noexcept {
        return kind == Kind::text || kind == Kind::number || kind == Kind::boolean;
    }
};

struct Member {
    std::string key;
    Position at;
    Node value;
};

/// A text of no file.
[[nodiscard]] Node text_node(std::string text);

/// What a reader of one format found wrong first; it reads no further.
struct SyntaxError {
    Position at;
    std::string found;
    std::string advice;
};

inline constexpr std::size_t max_document_bytes = 64U * 1024 * 1024;
/// Maps and lists inside each other.
inline constexpr std::size_t max_document_depth = 32;

/// Reads a file in the format that its extension names: yaml, yml, json, toml, env or dotenv. Fails on a file that
/// cannot be read, is too large, does not follow its format, or has two keys in one map that differ in letter case at
/// most.
[[nodiscard]] std::expected<Node, Problems> read_document(const std::string& file);

/// Gives the place in a file of a place in a text that is a value inside that file; of line 0 that of the value.
using PlaceInFile = std::function<Position(Position)>;

/// As `read_document`, of text that is in memory already; `file` names it and its format. With `place_in_file` every
/// position, of nodes as of problems, is the one that it gives.
[[nodiscard]] std::expected<Node, Problems> parse_document(
    const std::string& file, std::string_view text, const PlaceInFile& place_in_file = {}
);

/// The member at a dotted path, ignoring letter case, or nullptr.
[[nodiscard]] const Member* find_path(const Node& root, std::string_view path) noexcept;
[[nodiscard]] Member* find_path(Node& root, std::string_view path) noexcept;

/// The kind of the value for messages: its text in quotes, shortened, or "a list", "a map", "nothing".
[[nodiscard]] std::string describe_node(const Node& node);

}  // namespace arngate::config
