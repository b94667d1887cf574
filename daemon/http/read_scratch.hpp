#pragma once

#include <cstddef>
#include <memory>

namespace arngate::http {

/// Readable bytes after every body, for parsers that look ahead.
inline constexpr std::size_t read_padding = 64;

/// Where connections read into while they hold no part of a request: one a loop, so that an idle connection costs no
/// buffer. Holds nothing between two events.
class ReadScratch {
public:
    static constexpr std::size_t size = 32 * 1024;

    ReadScratch() : bytes_(new char[size + read_padding]()) {}
    [[nodiscard]] char* data() noexcept { return bytes_.get(); }

private:
    std::unique_ptr<char[]> bytes_;  // NOLINT(modernize-avoid-c-arrays)
};

}  // namespace arngate::http
