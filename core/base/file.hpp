#pragma once

#include "core/base/descriptor.hpp"
#include "core/base/secret.hpp"

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <system_error>

/// Whole files. All calls block; any thread.
namespace arngate {

/// From where the file stands up to its end. More bytes than `max_bytes` say that there is more than that: reading ends
/// one byte past it. `expected_bytes` is how many there seem to be, 0 when nobody knows; so many take one allocation.
[[nodiscard]] std::expected<std::string, std::error_code> read_to_end(
    const Descriptor& file, std::size_t expected_bytes, std::size_t max_bytes
);

/// The same of what must not stay in memory: what is not given back is wiped.
[[nodiscard]] std::expected<Secret, std::error_code> read_secret_to_end(
    const Descriptor& file, std::size_t expected_bytes, std::size_t max_bytes
);

/// All of the bytes, or an error; then some of them may have been written.
[[nodiscard]] std::error_code write_all(const Descriptor& file, std::string_view bytes);

struct FileReadError {
    enum class Kind : std::uint8_t {
        missing,      ///< nothing has this name, or a directory on the way is not there
        directory,    ///< it is one
        cannot_open,  ///< no permission, for one
        cannot_read,  ///< open, but not to its end
        too_large,
    };
    Kind kind = Kind::cannot_open;
    std::error_code code;  ///< what the system said; nothing for `too_large`
};

/// The whole of what has this name, at most `max_bytes`: also a pipe or a terminal, until whoever writes to it ends.
[[nodiscard]] std::expected<std::string, FileReadError> read_whole_file(const std::string& path, std::size_t max_bytes);
/// The same of what must not stay in memory.
[[nodiscard]] std::expected<Secret, FileReadError> read_whole_secret_file(
    const std::string& path, std::size_t max_bytes
);

}  // namespace arngate
