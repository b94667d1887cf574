#include "core/base/child_process.hpp"

#include "core/base/deadline.hpp"
#include "core/base/descriptor.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <system_error>
#include <utility>

extern char** environ;

namespace arngate {

namespace {

/// How often a stop that was asked for is looked for.
constexpr std::chrono::milliseconds slice{50};

std::unexpected<ChildFailure> failure(std::string what) {
    return std::unexpected(ChildFailure{.what = std::move(what)});
}

std::string message(int error) {
    return std::error_code(error, std::generic_category()).message();
}

class Pipe {
public:
    Pipe() {
        std::array<int, 2> ends{-1, -1};
        if (::pipe2(ends.data(), O_CLOEXEC) == 0) {
            reader_ = Descriptor(ends[0]);
            writer_ = Descriptor(ends[1]);
        }
    }
    [[nodiscard]] bool is_open() const noexcept { return reader_.is_open(); }
    [[nodiscard]] int reader() const noexcept { return reader_.number(); }
    [[nodiscard]] int writer() const noexcept { return writer_.number(); }
    void close_writer() noexcept { writer_ = Descriptor(); }

private:
    Descriptor reader_;
    Descriptor writer_;
};

/// Texts as system calls take them.
class PointerList {
public:
    explicit PointerList(std::vector<std::string> texts) : texts_(std::move(texts)) {
        pointers_.reserve(texts_.size() + 1);
        for (std::string& text : texts_) {
            pointers_.push_back(text.data());
        }
        pointers_.push_back(nullptr);
    }
    [[nodiscard]] char* const* data() const noexcept { return pointers_.data(); }

private:
    std::vector<std::string> texts_;
    std::vector<char*> pointers_;
};

class Spawning {
public:
    Spawning() {
        ::posix_spawn_file_actions_init(&actions_);
        ::posix_spawnattr_init(&attributes_);
        // A server blocks signals and ignores SIGPIPE; the program starts as from a shell.
        sigset_t none;
        sigset_t all;
        ::sigemptyset(&none);
        ::sigfillset(&all);
        ::posix_spawnattr_setsigmask(&attributes_, &none);
        ::posix_spawnattr_setsigdefault(&attributes_, &all);
        ::posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    }
    Spawning(const Spawning&) = delete;
    Spawning& operator=(const Spawning&) = delete;
    ~Spawning() {
        ::posix_spawn_file_actions_destroy(&actions_);
        ::posix_spawnattr_destroy(&attributes_);
    }

    /// 0, or the error.
    [[nodiscard]] int start(
        const std::vector<std::string>& words, const Pipe& output, const ChildOptions& options, pid_t& pid
    ) {
        ::posix_spawn_file_actions_adddup2(&actions_, output.writer(), STDOUT_FILENO);
        if (options.input == ChildStream::none) {
            ::posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
        }
        if (options.errors == ChildStream::none) {
            ::posix_spawn_file_actions_addopen(&actions_, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
        }
        const PointerList arguments(words);
        const PointerList own(options.environment.value_or(std::vector<std::string>()));
        char* const* const environment = options.environment ? own.data() : environ;
        return ::posix_spawnp(&pid, words.front().c_str(), &actions_, &attributes_, arguments.data(), environment);
    }

private:
    posix_spawn_file_actions_t actions_{};
    posix_spawnattr_t attributes_{};
};

/// Where a wait ended.
enum class Waited : std::uint8_t { ready, not_yet, too_late, stopped };

bool is_over(Waited waited) {
    return waited == Waited::too_late || waited == Waited::stopped;
}

/// The time and the stop that end everything.
class Patience {
public:
    explicit Patience(const ChildOptions& options)
        : limit_(options.limit), deadline_(Deadline::after(options.limit)), stop_(options.stop) {}

    /// Until the descriptor can be read, for `at_most` and little longer than until the time is over.
    [[nodiscard]] Waited wait(int descriptor, std::chrono::milliseconds at_most = slice) const {
        if (stop_.stop_requested()) {
            return Waited::stopped;
        }
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline_.remaining());
        if (left.count() <= 0) {
            return Waited::too_late;
        }
        pollfd entry{.fd = descriptor, .events = POLLIN, .revents = 0};
        const int ready = ::poll(&entry, 1, static_cast<int>(std::min(left, at_most).count()));
        return ready > 0 ? Waited::ready : Waited::not_yet;
    }
    /// Of a wait that is over.
    [[nodiscard]] std::unexpected<ChildFailure> over(Waited waited) const {
        return failure(
            waited == Waited::stopped ? std::string("was stopped")
                                      : fmt::format("did not end within {} ms", limit_.count())
        );
    }

private:
    std::chrono::milliseconds limit_;
    Deadline deadline_;
    const std::stop_token& stop_;
};

/// A child that is waited for whatever happens.
class Child {
public:
    /// By the number of the call: glibc 2.36 declares pidfd_open without C linkage.
    explicit Child(pid_t pid) : pid_(pid), handle_(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0))) {}
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;
    ~Child() {
        if (!status_) {
            ::kill(pid_, SIGKILL);
            static_cast<void>(has_ended(0));
        }
    }

    /// The status that waitpid gives.
    [[nodiscard]] std::expected<int, ChildFailure> wait(const Patience& patience) {
        // Without a handle, which old kernels do not give, nothing says when it ends.
        const std::chrono::milliseconds step{handle_.is_open() ? slice.count() : 1};
        while (!has_ended(WNOHANG)) {
            if (const Waited waited = patience.wait(handle_.number(), step); is_over(waited)) {
                return patience.over(waited);
            }
        }
        return *status_;
    }

private:
    [[nodiscard]] bool has_ended(int flags) noexcept {
        int status = 0;
        pid_t waited = 0;
        do {
            waited = ::waitpid(pid_, &status, flags);
        } while (waited < 0 && errno == EINTR);
        if (waited != 0) {
            // Somebody else waited for it, so how it ended is not known.
            status_ = waited == pid_ ? status : -1;
        }
        return status_.has_value();
    }

    pid_t pid_;
    Descriptor handle_;
    std::optional<int> status_;
};

/// Everything up to the end of the output.
std::expected<Secret, ChildFailure> read_all(int from, std::size_t max_bytes, const Patience& patience) {
    Secret bytes = Secret::of_size(max_bytes + 1);
    std::size_t size = 0;
    for (;;) {
        const Waited waited = patience.wait(from);
        if (is_over(waited)) {
            return patience.over(waited);
        }
        if (waited == Waited::not_yet) {
            continue;
        }
        const ssize_t count = ::read(from, bytes.mutable_data() + size, bytes.size() - size);
        if (count == 0) {
            bytes.truncate(size);
            return bytes;
        }
        if (count > 0) {
            size += static_cast<std::size_t>(count);
        } else if (errno != EINTR && errno != EAGAIN) {
            return failure("cannot be read from: " + message(errno));
        }
        if (size > max_bytes) {
            return failure(fmt::format("wrote more than {} bytes", max_bytes));
        }
    }
}

}  // namespace

std::expected<Secret, ChildFailure> run_program(const std::vector<std::string>& words, const ChildOptions& options) {
    if (words.empty()) {
        return failure("has no name");
    }
    const Patience patience(options);
    Pipe output;
    if (!output.is_open()) {
        return failure("cannot be started: " + message(errno));
    }
    pid_t pid = 0;
    if (const int error = Spawning().start(words, output, options, pid); error != 0) {
        return std::unexpected(
            ChildFailure{.what = "cannot be started: " + message(error), .is_missing = error == ENOENT}
        );
    }
    Child child(pid);
    output.close_writer();

    auto bytes = read_all(output.reader(), options.max_output_bytes, patience);
    if (!bytes) {
        return bytes;
    }
    const auto status = child.wait(patience);
    if (!status) {
        return std::unexpected(status.error());
    }
    if (!WIFEXITED(*status)) {
        return failure("was ended by a signal");
    }
    if (WEXITSTATUS(*status) != 0) {
        return failure(fmt::format("ended with status {}", WEXITSTATUS(*status)));
    }
    return bytes;
}

}  // namespace arngate
