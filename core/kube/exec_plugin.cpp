#include "core/kube/exec_plugin.hpp"

#include "core/base/deadline.hpp"
#include "core/base/descriptor.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <simdjson.h>
#include <spawn.h>
extern "C" {
#include <sys/pidfd.h>  // of glibc 2.36 says nothing of C++ by itself
}
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

namespace arngate::kube {

namespace {

using Text = std::expected<std::string_view, std::string>;

std::string system_text(int error) {
    return std::error_code(error, std::generic_category()).message();
}

/// A pidfd, or -1. By its number: glibc 2.36 declares pidfd_open without C linkage.
int open_handle(pid_t pid) {
    return static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
}

/// A process of ours: killed and waited for at the latest when the object ends.
class Child {
public:
    explicit Child(pid_t pid) : pid_(pid), handle_(open_handle(pid)) {}
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;
    ~Child() {
        if (!status_) {
            ::kill(pid_, SIGKILL);
            static_cast<void>(wait(0));
        }
    }

    /// The exit status as waitpid gives it, or nothing when the deadline came first.
    [[nodiscard]] std::optional<int> wait_until(Deadline deadline) {
        while (!wait(WNOHANG)) {
            if (deadline.passed()) {
                return std::nullopt;
            }
            pollfd ended{.fd = handle_.number(), .events = POLLIN, .revents = 0};
            ::poll(&ended, 1, milliseconds_until(deadline));
        }
        return status_;
    }

    static int milliseconds_until(Deadline deadline) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline.remaining());
        // Without a pidfd poll() returns at the end of its time alone, so that stays short.
        return static_cast<int>(std::min<std::chrono::milliseconds::rep>(left.count(), 100));
    }

private:
    bool wait(int options) {
        int status = 0;
        pid_t got = 0;
        do {
            got = ::waitpid(pid_, &status, options);
        } while (got < 0 && errno == EINTR);
        if (got != 0) {
            status_ = got == pid_ ? status : -1;
        }
        return status_.has_value();
    }

    pid_t pid_;
    Descriptor handle_;
    std::optional<int> status_;
};

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
    std::vector<char*> pointers;
    pointers.reserve(texts.size() + 1);
    for (std::string& text : texts) {
        pointers.push_back(text.data());
    }
    pointers.push_back(nullptr);
    return pointers;
}

/// Ours, then the plugin's own, then what it is told; a later value replaces an earlier one.
std::vector<std::string> environment_for(const ExecPlugin& plugin) {
    std::vector<std::string> all;
    const auto put = [&](const std::string& name, const std::string& value) {
        const std::string start = name + "=";
        std::erase_if(all, [&](const std::string& entry) { return entry.starts_with(start); });
        all.push_back(start + value);
    };
    for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
        all.emplace_back(*entry);
    }
    for (const auto& [name, value] : plugin.environment) {
        put(name, value);
    }
    const std::string cluster = plugin.cluster_json.empty() ? "" : R"(,"cluster":)" + plugin.cluster_json;
    put("KUBERNETES_EXEC_INFO",
        fmt::format(
            R"({{"kind":"ExecCredential","apiVersion":"{}","spec":{{"interactive":false{}}}}})",
            plugin.api_version,
            cluster
        ));
    return all;
}

std::expected<pid_t, std::string> spawn(const ExecPlugin& plugin, int output) {
    std::vector<std::string> arguments{plugin.command};
    arguments.insert(arguments.end(), plugin.args.begin(), plugin.args.end());
    std::vector<std::string> environment = environment_for(plugin);
    const auto argument_pointers = pointers_to(arguments);
    const auto environment_pointers = pointers_to(environment);

    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
    pid_t pid = -1;
    const int error = ::posix_spawnp(
        &pid, plugin.command.c_str(), &actions, nullptr, argument_pointers.data(), environment_pointers.data()
    );
    ::posix_spawn_file_actions_destroy(&actions);
    if (error == 0) {
        return pid;
    }
    std::string text =
        fmt::format("cannot run the credential plugin of the kubeconfig ({}): {}", plugin.command, system_text(error));
    if (error == ENOENT && !plugin.install_hint.empty()) {
        text += "; " + plugin.install_hint;
    }
    return std::unexpected(std::move(text));
}

/// Everything up to the end of the plugin's output.
std::expected<Secret, std::string> read_all(int from, Deadline deadline) {
    Secret all = Secret::of_size(max_exec_answer_bytes + 1);
    std::size_t size = 0;
    for (;;) {
        pollfd readable{.fd = from, .events = POLLIN, .revents = 0};
        const int ready = ::poll(&readable, 1, Child::milliseconds_until(deadline));
        if (deadline.passed()) {
            return std::unexpected("the credential plugin of the kubeconfig did not end in time");
        }
        if (ready <= 0) {
            continue;
        }
        const ssize_t count = ::read(from, all.mutable_data() + size, max_exec_answer_bytes + 1 - size);
        if (count < 0 && errno != EINTR && errno != EAGAIN) {
            return std::unexpected("cannot read from the credential plugin: " + system_text(errno));
        }
        if (count == 0) {
            break;
        }
        size += count > 0 ? static_cast<std::size_t>(count) : 0;
        if (size > max_exec_answer_bytes) {
            return std::unexpected("the credential plugin of the kubeconfig printed more than 256 KiB");
        }
    }
    all.truncate(size);
    return all;
}

/// A text member; empty when it is missing or null.
Text text_of(const simdjson::dom::object& object, std::string_view name) {
    simdjson::dom::element value;
    std::string_view text;
    if (object[name].get(value) != simdjson::SUCCESS || value.is_null()) {
        return text;
    }
    if (value.get_string().get(text) != simdjson::SUCCESS) {
        return std::unexpected(fmt::format("the credential plugin gave a {} that is not text", name));
    }
    return text;
}

bool is_header_text(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7f'; });
}

}  // namespace

std::expected<ExecLogin, std::string> parse_exec_credential(std::string_view json, std::string_view api_version) {
    simdjson::dom::parser parser;
    simdjson::dom::object root;
    if (parser.parse(json.data(), json.size(), true).get_object().get(root) != simdjson::SUCCESS) {
        return std::unexpected("the credential plugin printed something that is not a JSON object");
    }
    const Text kind = text_of(root, "kind");
    const Text version = text_of(root, "apiVersion");
    if (!kind || !version || *kind != "ExecCredential") {
        return std::unexpected("the credential plugin printed something that is not an ExecCredential");
    }
    if (*version != api_version) {
        return std::unexpected(fmt::format("the credential plugin answered in another apiVersion than {}", api_version)
        );
    }
    simdjson::dom::object status;
    if (root["status"].get_object().get(status) != simdjson::SUCCESS) {
        return std::unexpected("the credential plugin gave no status");
    }
    const Text token = text_of(status, "token");
    const Text certificate = text_of(status, "clientCertificateData");
    const Text key = text_of(status, "clientKeyData");
    for (const Text* text : {&token, &certificate, &key}) {
        if (!*text) {
            return std::unexpected(text->error());
        }
    }
    if (token->empty() && certificate->empty()) {
        return std::unexpected("the credential plugin gave neither a token nor a certificate");
    }
    if (certificate->empty() != key->empty()) {
        return std::unexpected("the credential plugin gave a certificate without its key, or a key alone");
    }
    if (!is_header_text(*token)) {
        return std::unexpected("the credential plugin gave a token that cannot be sent");
    }
    ExecLogin login;
    login.token = Secret(*token);
    login.certificate_pem = *certificate;
    login.key_pem = Secret(*key);
    return login;
}

std::expected<ExecLogin, std::string> run_exec_plugin(const ExecPlugin& plugin, std::chrono::milliseconds limit) {
    const Deadline deadline = Deadline::after(limit);
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
        return std::unexpected("cannot make a pipe: " + system_text(errno));
    }
    const Descriptor from(ends[0]);
    Descriptor to(ends[1]);
    const auto pid = spawn(plugin, to.number());
    if (!pid) {
        return std::unexpected(pid.error());
    }
    Child child(*pid);
    to = Descriptor();
    const auto answer = read_all(from.number(), deadline);
    if (!answer) {
        return std::unexpected(answer.error());
    }
    const auto status = child.wait_until(deadline);
    if (!status) {
        return std::unexpected("the credential plugin of the kubeconfig did not end in time");
    }
    if (!WIFEXITED(*status) || WEXITSTATUS(*status) != 0) {
        return std::unexpected(fmt::format("the credential plugin of the kubeconfig ({}) failed", plugin.command));
    }
    return parse_exec_credential(answer->expose(), plugin.api_version);
}

}  // namespace arngate::kube
