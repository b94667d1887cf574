#pragma once

#include "config/document.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace arngate::config::check {

/// The beginnings of a text's lines. Lines end with "\n".
class Lines {
public:
    explicit Lines(std::string_view text);

    /// The place of the byte, whose offset is at most the text's size.
    [[nodiscard]] Position position(std::size_t offset) const noexcept;
    /// The offset of a place; the text's size for one that is not in it.
    [[nodiscard]] std::size_t offset(Position at) const noexcept;

private:
    std::size_t size_;
    std::vector<std::size_t> starts_;
};

/// Where the bytes of a scalar's value stand in the file, so that what is wrong inside a document that is a value of
/// another document, as in a ConfigMap, is named by its place in the file. Understands block scalars, quotes and plain
/// scalars (yaml.org/spec/1.2.2, chapters 7.3 and 8.1). The texts must outlive it.
class ScalarPlaces {
public:
    /// `scalar`: where it begins in `file`, before its quote or indicator; `value`: what a parser made of it.
    ScalarPlaces(std::string_view file, const Lines& lines, Position scalar, std::string_view value);

    /// The place in the file of a place in the value, of its last byte for one behind it. That of the scalar itself for
    /// no place, and where the scalar could not be followed.
    [[nodiscard]] Position in_file(Position in_value) const noexcept;

private:
    const Lines& lines_;
    Lines value_lines_;
    Position scalar_;
    std::vector<std::uint32_t> offsets_;  ///< in the file, of each byte of the value
};

}  // namespace arngate::config::check
