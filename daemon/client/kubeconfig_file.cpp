#include "config/kubeconfig.hpp"
#include "config/yaml_document.hpp"
#include "config/yaml_writer.hpp"
#include "daemon/client/kubeconfig_edit.hpp"
#include "daemon/client/locked_file.hpp"
#include "daemon/pki/atomic_file.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>

namespace arngate::client {

namespace {

constexpr mode_t new_mode = 0600;
constexpr std::chrono::milliseconds lock_wait{2'000};
constexpr std::chrono::milliseconds poll_interval{20};

/// The lock of kubectl (client-go, tools/clientcmd/config.go): a file that only one can make.
class KubectlLock {
public:
    static std::expected<KubectlLock, std::string> take(const std::string& file) {
        std::string name = file + ".lock";
        const auto until = std::chrono::steady_clock::now() + lock_wait;
        for (;;) {
            const int descriptor = ::open(name.c_str(), O_CREAT | O_EXCL | O_CLOEXEC, 0);
            if (descriptor >= 0) {
                ::close(descriptor);
                return KubectlLock(std::move(name));
            }
            if (errno != EEXIST) {
                return std::unexpected(fmt::format(
                    "{} cannot be made: {}", name, std::error_code(errno, std::generic_category()).message()
                ));
            }
            if (std::chrono::steady_clock::now() >= until) {
                return std::unexpected(fmt::format(
                    "{} is there: another program writes the kubeconfig, or one ended while it did; when none runs, "
                    "delete it",
                    name
                ));
            }
            std::this_thread::sleep_for(poll_interval);
        }
    }
    KubectlLock(KubectlLock&& other) noexcept : name_(std::exchange(other.name_, {})) {}
    KubectlLock& operator=(KubectlLock&&) = delete;
    KubectlLock(const KubectlLock&) = delete;
    KubectlLock& operator=(const KubectlLock&) = delete;
    ~KubectlLock() {
        if (!name_.empty()) {
            ::unlink(name_.c_str());
        }
    }

private:
    explicit KubectlLock(std::string name) : name_(std::move(name)) {}
    std::string name_;
};

/// Nothing if there is no file.
std::expected<std::optional<std::string>, std::string> read_text(const std::string& file) {
    std::error_code failure;
    const auto status = std::filesystem::status(file, failure);
    if (status.type() == std::filesystem::file_type::not_found) {
        return std::nullopt;
    }
    if (!std::filesystem::is_regular_file(status)) {
        return std::unexpected(file + " is not a regular file");
    }
    if (const auto size = std::filesystem::file_size(file, failure); failure || size > config::max_kubeconfig_bytes) {
        return std::unexpected(file + " is too large");
    }
    std::ifstream stream(file, std::ios::binary);
    std::string text{std::istreambuf_iterator<char>(stream), {}};
    if (!stream.good() && !stream.eof()) {
        return std::unexpected(file + " cannot be read");
    }
    if (!stream.is_open()) {
        return std::unexpected(file + " cannot be opened");
    }
    return text;
}

struct Planned {
    KubeconfigWritten result;
    std::string text;
};

std::expected<Planned, std::string> plan(const std::string& file, const KubeconfigEntries& entries) {
    const auto before = read_text(file);
    if (!before) {
        return std::unexpected(before.error());
    }
    auto document = config::read_yaml(before->value_or(""), config::YamlDialect::kubernetes);
    if (!document) {
        return std::unexpected(fmt::format("{}:{}: it is not YAML", file, document.error().at.line));
    }
    const std::string as_it_was = config::write_yaml(*document, config::KeyOrder::as_given);
    auto edited = edit_kubeconfig(*std::move(document), entries);
    if (!edited) {
        return std::unexpected(fmt::format("{}: {}", file, edited.error()));
    }
    Planned planned;
    planned.text = config::write_yaml(*edited, config::KeyOrder::as_given);
    planned.result.changed = !*before || planned.text != as_it_was;
    planned.result.document = *std::move(edited);
    return planned;
}

}  // namespace

std::expected<KubeconfigWritten, std::string> plan_kubeconfig(
    const std::string& file, const KubeconfigEntries& entries
) {
    auto planned = plan(file, entries);
    if (!planned) {
        return std::unexpected(std::move(planned.error()));
    }
    return std::move(planned->result);
}

std::expected<KubeconfigWritten, std::string> write_kubeconfig(
    const std::string& file, const KubeconfigEntries& entries
) {
    make_folders_of(file);
    const auto lock = KubectlLock::take(file);
    if (!lock) {
        return std::unexpected(lock.error());
    }
    auto planned = plan(file, entries);
    if (!planned) {
        return std::unexpected(std::move(planned.error()));
    }
    if (planned->result.changed) {
        const auto written = pki::replace_file(file, planned->text, new_mode, pki::OutOfReach::refuse);
        if (!written) {
            return std::unexpected(written.error());
        }
    }
    return std::move(planned->result);
}

}  // namespace arngate::client
