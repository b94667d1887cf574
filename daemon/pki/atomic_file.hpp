#pragma once

#include "core/base/descriptor.hpp"
#include "core/base/secret.hpp"

#include <sys/types.h>

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace arngate::pki {

enum class Existing : std::uint8_t {
    replace,  ///< the new content takes the place of the old in one step
    keep,     ///< a file of that name is an error, and it stays as it is
};

/// Who a file is to belong to.
struct Owner {
    uid_t user = 0;
    gid_t group = 0;
    bool operator==(const Owner&) const = default;
};

/// Nothing if it is not there or cannot be looked at.
[[nodiscard]] std::optional<Owner> owner_of(const std::string& path);

/// Writes a whole file so that a reader sees the old content or the new, never a part, and so that what was written
/// survives a power cut: a temporary file beside it, fsync, rename or link, fsync of the directory. `mode` is less the
/// umask. It belongs to `owner`, if that is given and the process may give it, before it has its name. The directory
/// must exist. Fails with a text that names the file and what to do.
[[nodiscard]] std::expected<void, std::string> write_file(
    const std::string& path, std::string_view content, mode_t mode, Existing existing, std::optional<Owner> owner = {}
);

/// What to do where nothing can be put in a file's place: it is a mount of its own, or its directory may not be
/// written.
enum class OutOfReach : std::uint8_t {
    refuse,
    write_in_place,  ///< what is there, if it may be written; a reader may see a part. For what holds no secret
};

/// Replaces a file as write_file does. Symbolic links stay, and lead to the new one. It keeps the mode of the old, and
/// owner and group as far as the process may give them; where it may not, nobody may do more than before. Where there
/// was none it has `new_mode` less the umask. What is no regular file is never replaced, but may be written in place.
/// Fails with a text that names the file and what to do.
[[nodiscard]] std::expected<void, std::string> replace_file(
    const std::string& path, std::string_view content, mode_t new_mode, OutOfReach out_of_reach
);

/// Fails, with the text that write_file would, for a file that is a mount of its own: for who has more than one file to
/// replace, before the first. A name that nothing has passes.
[[nodiscard]] std::expected<void, std::string> check_replaceable(const std::string& path);

/// Gives what is there to somebody else. Fails with a text that names it.
[[nodiscard]] std::expected<void, std::string> give_to(const std::string& path, const Owner& owner);

/// The whole file, at most 1 MiB. Fails with a text that names the file.
[[nodiscard]] std::expected<std::string, std::string> read_file(const std::string& path);
/// Of what must not stay in memory.
[[nodiscard]] std::expected<Secret, std::string> read_secret_file(const std::string& path);
/// What went wrong with a file by its errno, and what an operator can do about the usual reasons. `what`: "cannot
/// write".
[[nodiscard]] std::string file_failure(std::string_view what, const std::string& path, int code);
/// "." for a name alone.
[[nodiscard]] std::string directory_of(const std::string& path);

/// Keeps other processes that lock the same directory out for as long as it lives. Leaves no file behind.
class DirectoryLock {
public:
    /// Waits for the lock. Fails when the directory is not there or may not be read.
    [[nodiscard]] static std::expected<DirectoryLock, std::string> acquire(const std::string& directory);

private:
    explicit DirectoryLock(Descriptor directory) noexcept : directory_(std::move(directory)) {}
    Descriptor directory_;
};

}  // namespace arngate::pki
