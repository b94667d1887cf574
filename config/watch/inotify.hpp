#pragma once

#include "core/base/descriptor.hpp"

#include <cstdint>
#include <expected>
#include <functional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace arngate::watch {

/// The kernel's file events, inotify(7). One instance and its descriptor; the watches in it are of directories.
class Inotify {
public:
    /// What happened to a name in a directory, or to the directory.
    enum class Event : std::uint8_t {
        written,   ///< bytes of the file changed; whoever did it may be about to write more
        closed,    ///< a descriptor was closed that could write
        touched,   ///< owner, mode, times or links
        replaced,  ///< the name came, went, or stands for something else
        lost,      ///< the directory is gone or has moved: this watch tells no more, or no more of this path
        overflow,  ///< events were dropped; `watch` means nothing
    };
    using Handler = std::function<void(int watch, Event event, std::string_view name)>;

    enum class Detail : std::uint8_t {
        names,  ///< replaced and lost alone
        files,  ///< written, closed and touched as well
    };

    /// Fails when the user's limit of instances, or the process's of descriptors, is reached.
    [[nodiscard]] static std::expected<Inotify, std::error_code> open();

    /// Never blocks in `read`; readable when there are events.
    [[nodiscard]] int descriptor() const noexcept { return descriptor_.number(); }
    /// The number of the watch, which is that of an earlier one of the same directory; `detail` then adds to it.
    [[nodiscard]] std::expected<int, std::error_code> add(const std::string& directory, Detail detail);
    void remove(int watch) noexcept;
    /// Hands over every event that waits, in order. `handler` must not add or remove watches.
    void read(const Handler& handler);

private:
    explicit Inotify(Descriptor descriptor) noexcept : descriptor_(std::move(descriptor)) {}

    Descriptor descriptor_;
};

}  // namespace arngate::watch
