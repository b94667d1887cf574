#pragma once

#include "config/watch/file_content.hpp"
#include "config/watch/file_watcher.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace arngate::watch {

/// How the end of a text that was written in place is known.
enum class Ending : std::uint8_t {
    of_format,   ///< a text that was cut does not parse, as with JSON
    line_break,  ///< lines that mean something each: YAML, TOML, NAME=value
};

/// The content of a file, each time that it is another. A file that is replaced (renamed over, a symbolic link swapped)
/// is either the old or the new one. One that is written in place may be read when its writer died halfway, so with
/// `Ending::line_break` it is `incomplete` if what was read before ended with a line break and it does not, or if the
/// last line of what was read before was "..." (the end of a document in YAML) and its last line is another; cut
/// between two lines it can only be known by that "...". Lives on one executor, like its callbacks, and reads there.
class WatchedFile {
public:
    using Change = std::function<void(std::expected<std::string, FileError>)>;

    /// `change` may call `refresh` and `stop`; it must not destroy the object.
    WatchedFile(
        boost::asio::any_io_executor executor,
        std::string path,
        std::size_t max_bytes,
        Ending ending,
        WatchOptions options,
        Change change
    );
    WatchedFile(const WatchedFile&) = delete;
    WatchedFile& operator=(const WatchedFile&) = delete;
    ~WatchedFile();

    /// Watches, and reads soon for the first time: `change` is then called with the content or what keeps it from being
    /// read, and again when either has become another; never from inside.
    void start();
    /// Reads again soon, and calls `change` in any case; waits for a writer as ever.
    void refresh();
    void stop();

    [[nodiscard]] const std::string& path() const noexcept { return path_; }

private:
    using Digest = std::array<unsigned char, 32>;

    void look_soon();
    void look();
    [[nodiscard]] std::optional<FileError> incomplete(const FileContent& content) const;
    void take(FileContent content);
    void fail(FileError error);

    boost::asio::any_io_executor executor_;
    std::string path_;
    std::size_t max_bytes_;
    Ending ending_;
    Change change_;
    FileWatcher watcher_;
    bool wanted_ = false;                ///< `change` has to be called even if nothing has changed
    int unsteady_ = 0;                   ///< readings in a row that met a change
    std::optional<Digest> digest_;       ///< of the content that `change` was called with last; nothing after an error
    std::optional<FileError> error_;     ///< that `change` was called with last; nothing after content
    std::optional<FileStamp> stamp_;     ///< of the content that was taken last
    std::string_view last_line_;         ///< how that ended: "...\n", "\n" or nothing
    std::shared_ptr<const char> alive_;  ///< handlers that outlive this find it gone
};

}  // namespace arngate::watch
