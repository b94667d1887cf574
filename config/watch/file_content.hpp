#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>

/// Files that change while the process runs: mappings, certificates. Knows nothing of what they hold.
namespace arngate::watch {

/// What the file system says of a file without reading it.
struct FileStamp {
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
    std::uint64_t size = 0;     ///< bytes
    std::int64_t modified = 0;  ///< nanoseconds since 1970
    std::int64_t changed = 0;   ///< the same of owner, mode, links or content

    /// Whether both are of one file, that is, whether what lies between them was written in place.
    [[nodiscard]] bool is_same_file(const FileStamp& other) const noexcept {
        return device == other.device && inode == other.inode;
    }
    friend bool operator==(const FileStamp&, const FileStamp&) = default;
};

/// Of the file at the end of all symbolic links; nothing if there is none, or it cannot be asked.
[[nodiscard]] std::optional<FileStamp> stamp_of(const std::string& path);

struct FileContent {
    std::string text;
    FileStamp stamp;
};

struct FileError {
    enum class Kind : std::uint8_t {
        missing,     ///< nothing has this name, or a directory on the way is not there
        unreadable,  ///< no permission, no regular file, an error of the device
        too_large,
        unsteady,    ///< it changed at each attempt while it was read
        incomplete,  ///< whoever wrote it did not come to its end
    };
    Kind kind = Kind::unreadable;
    std::string reason;  ///< for people, without the path

    friend bool operator==(const FileError&, const FileError&) = default;
};

/// The whole of a regular file of at most `max_bytes`, as it stood at one moment as far as size and times tell: a file
/// that changes while it is read is read again, three times at most. Blocks on the disk, never on a pipe or a device.
[[nodiscard]] std::expected<FileContent, FileError> read_whole(const std::string& path, std::size_t max_bytes);

}  // namespace arngate::watch
