#include "bench/arngate-bench/server_process.hpp"

#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <system_error>
#include <thread>

namespace arngate::bench {
namespace {

using namespace std::chrono_literals;

constexpr auto poll_distance = 10ms;

bool accepts(const SocketAddress& address) {
    const int descriptor = ::socket(address.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0) {
        return false;
    }
    const int result = ::connect(descriptor, reinterpret_cast<const sockaddr*>(&address.storage), address.length);
    ::close(descriptor);
    return result == 0;
}

}  // namespace

ServerProcess::ServerProcess(const std::vector<std::string>& command) {
    std::vector<char*> arguments;
    for (const std::string& part : command) {
        arguments.push_back(const_cast<char*>(part.c_str()));  // posix_spawn only reads them
    }
    arguments.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    // Standard output is for results.
    ::posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO);
    // A group of its own: Ctrl-C is for us, who end the server when the run is over. And not our SIGPIPE.
    posix_spawnattr_t attributes;
    ::posix_spawnattr_init(&attributes);
    sigset_t to_default;
    sigemptyset(&to_default);
    sigaddset(&to_default, SIGPIPE);
    ::posix_spawnattr_setsigdefault(&attributes, &to_default);
    ::posix_spawnattr_setpgroup(&attributes, 0);
    ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
    const int error = ::posix_spawnp(&pid_, arguments.front(), &actions, &attributes, arguments.data(), environ);
    ::posix_spawnattr_destroy(&attributes);
    ::posix_spawn_file_actions_destroy(&actions);
    if (error != 0) {
        throw std::system_error(error, std::generic_category(), "cannot start " + command.front());
    }
}

ServerProcess::~ServerProcess() {
    if (has_ended()) {
        return;
    }
    ::kill(pid_, SIGTERM);
    const auto deadline = std::chrono::steady_clock::now() + 10s;
    while (!has_ended() && std::chrono::steady_clock::now() < deadline) {
        std::this_thread::sleep_for(poll_distance);
    }
    if (!has_ended()) {
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
    }
}

bool ServerProcess::has_ended() {
    has_ended_ = has_ended_ || ::waitpid(pid_, nullptr, WNOHANG) == pid_;
    return has_ended_;
}

std::expected<void, std::string> wait_until_listening(
    ServerProcess* server, const SocketAddress& address, const std::atomic<bool>& stop
) {
    const auto deadline = std::chrono::steady_clock::now() + 30s;
    while (!stop && !accepts(address)) {
        if (server != nullptr && server->has_ended()) {
            return std::unexpected("the server ended instead of listening");
        }
        if (std::chrono::steady_clock::now() > deadline) {
            return std::unexpected("the server does not listen at the target after 30 s");
        }
        std::this_thread::sleep_for(poll_distance);
    }
    return {};
}

}  // namespace arngate::bench
