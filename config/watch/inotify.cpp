#include "config/watch/inotify.hpp"

#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <optional>
#include <utility>

namespace arngate::watch {
namespace {

constexpr std::uint32_t name_events =
    IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE_SELF | IN_MOVE_SELF;
constexpr std::uint32_t file_events = IN_MODIFY | IN_CLOSE_WRITE | IN_ATTRIB;

std::error_code last_error() {
    return {errno, std::generic_category()};
}

std::optional<Inotify::Event> event_of(std::uint32_t mask) {
    using enum Inotify::Event;
    if ((mask & IN_Q_OVERFLOW) != 0)
        return overflow;
    if ((mask & (IN_DELETE_SELF | IN_MOVE_SELF | IN_UNMOUNT | IN_IGNORED)) != 0)
        return lost;
    if ((mask & (IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO)) != 0)
        return replaced;
    if ((mask & IN_CLOSE_WRITE) != 0)
        return closed;
    if ((mask & IN_MODIFY) != 0)
        return written;
    if ((mask & IN_ATTRIB) != 0)
        return touched;
    return std::nullopt;
}

}  // namespace

std::expected<Inotify, std::error_code> Inotify::open() {
    Descriptor descriptor(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
    if (!descriptor.is_open())
        return std::unexpected(last_error());
    return Inotify(std::move(descriptor));
}

std::expected<int, std::error_code> Inotify::add(const std::string& directory, Detail detail) {
    const std::uint32_t events = detail == Detail::files ? name_events | file_events : name_events;
    const int watch = ::inotify_add_watch(descriptor_.number(), directory.c_str(), events | IN_ONLYDIR | IN_MASK_ADD);
    if (watch < 0)
        return std::unexpected(last_error());
    return watch;
}

void Inotify::remove(int watch) noexcept {
    ::inotify_rm_watch(descriptor_.number(), watch);
}

void Inotify::read(const Handler& handler) {
    alignas(inotify_event) std::array<char, 16384> buffer;
    for (;;) {
        const ssize_t got = ::read(descriptor_.number(), buffer.data(), buffer.size());
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return;
        const auto end = static_cast<std::size_t>(got);
        for (std::size_t at = 0; at + sizeof(inotify_event) <= end;) {
            inotify_event event{};
            std::memcpy(&event, buffer.data() + at, sizeof event);
            const char* name = buffer.data() + at + sizeof event;
            at += sizeof event + event.len;
            if (at > end)
                return;
            // The name is padded with zeros.
            const std::string_view text(name, ::strnlen(name, event.len));
            if (const auto what = event_of(event.mask))
                handler(event.wd, *what, text);
        }
    }
}

}  // namespace arngate::watch
