#include "core/credentials/child_process.hpp"

#include "core/base/descriptor.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <optional>
#include <system_error>

extern char** environ;

namespace arngate::credentials {

namespace {

using Steady = std::chrono::steady_clock;

/// How often a stop that was asked for is looked for.
constexpr std::chrono::milliseconds slice{50};

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
    [[nodiscard]] int start(const std::vector<std::string>& words, const Pipe& output, ChildErrors errors, pid_t& pid) {
        ::posix_spawn_file_actions_adddup2(&actions_, output.writer(), STDOUT_FILENO);
        if (errors == ChildErrors::discarded) {
            ::posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
            ::posix_spawn_file_actions_addopen(&actions_, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
        }
        std::vector<std::string> copies(words);
        std::vector<char*> arguments;
        arguments.reserve(copies.size() + 1);
        for (std::string& word : copies) {
            arguments.push_back(word.data());
        }
        arguments.push_back(nullptr);
        return ::posix_spawnp(&pid, arguments[0], &actions_, &attributes_, arguments.data(), environ);
    }

private:
    posix_spawn_file_actions_t actions_{};
    posix_spawnattr_t attributes_{};
};

/// A child that is waited for whatever happens.
class Child {
public:
    explicit Child(pid_t pid) noexcept : pid_(pid) {}
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;
    ~Child() {
        if (!ended_) {
            ::kill(pid_, SIGKILL);
            static_cast<void>(wait(0));
        }
    }
    /// The status once it has ended; with WNOHANG nothing while it runs.
    [[nodiscard]] std::optional<int> wait(int flags) noexcept {
        int status = 0;
        pid_t waited = 0;
        do {
            waited = ::waitpid(pid_, &status, flags);
        } while (waited < 0 && errno == EINTR);
        if (waited == 0) {
            return std::nullopt;
        }
        ended_ = true;
        // Somebody else waited for it, so how it ended is not known.
        return waited == pid_ ? status : -1;
    }

private:
    pid_t pid_;
    bool ended_ = false;
};

/// Where a wait ended.
enum class Waited : std::uint8_t { ready, too_late, stopped };

Waited wait_readable(int descriptor, Steady::time_point deadline, const std::stop_token& stop) {
    for (;;) {
        if (stop.stop_requested()) {
            return Waited::stopped;
        }
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Steady::now());
        if (left.count() <= 0) {
            return Waited::too_late;
        }
        pollfd entry{.fd = descriptor, .events = POLLIN, .revents = 0};
        if (::poll(&entry, 1, static_cast<int>(std::min(left, slice).count())) > 0) {
            return Waited::ready;
        }
    }
}

std::optional<int> wait_for_end(Child& child, Steady::time_point deadline, const std::stop_token& stop) {
    constexpr std::chrono::milliseconds step{1};
    for (;;) {
        if (const auto status = child.wait(WNOHANG)) {
            return status;
        }
        if (stop.stop_requested() || Steady::now() >= deadline) {
            return std::nullopt;
        }
        static_cast<void>(::poll(nullptr, 0, static_cast<int>(step.count())));
    }
}

}  // namespace

std::expected<Secret, std::string> run_program(const std::vector<std::string>& words, const ChildOptions& options) {
    if (words.empty()) {
        return std::unexpected("it names no program");
    }
    const auto deadline = Steady::now() + options.limit;
    Pipe output;
    if (!output.is_open()) {
        return std::unexpected(message(errno));
    }
    pid_t pid = 0;
    if (const int error = Spawning().start(words, output, options.errors, pid); error != 0) {
        return std::unexpected("the program cannot be started: " + message(error));
    }
    Child child(pid);
    output.close_writer();

    const std::string too_late = fmt::format("the program did not end within {} ms", options.limit.count());
    Secret bytes = Secret::of_size(options.max_output_bytes + 1);
    std::size_t size = 0;
    for (;;) {
        switch (wait_readable(output.reader(), deadline, options.stop)) {
            case Waited::ready:
                break;
            case Waited::too_late:
                return std::unexpected(too_late);
            case Waited::stopped:
                return std::unexpected("stopped");
        }
        const ssize_t count = ::read(output.reader(), bytes.mutable_data() + size, bytes.size() - size);
        if (count == 0) {
            break;
        }
        if (count > 0) {
            size += static_cast<std::size_t>(count);
        } else if (errno != EINTR) {
            return std::unexpected(message(errno));
        }
        if (size > options.max_output_bytes) {
            return std::unexpected(fmt::format("the program wrote more than {} bytes", options.max_output_bytes));
        }
    }
    const auto status = wait_for_end(child, deadline, options.stop);
    if (!status) {
        return std::unexpected(options.stop.stop_requested() ? std::string("stopped") : too_late);
    }
    if (!WIFEXITED(*status)) {
        return std::unexpected("the program was ended by a signal");
    }
    if (WEXITSTATUS(*status) != 0) {
        return std::unexpected(fmt::format("the program ended with status {}", WEXITSTATUS(*status)));
    }
    bytes.truncate(size);
    return bytes;
}

}  // namespace arngate::credentials
