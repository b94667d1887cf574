#include "config/aws_auth.hpp"
#include "config/kubeconfig.hpp"
#include "config/yaml_writer.hpp"
#include "core/aws/arn.hpp"
#include "core/base/text.hpp"
#include "daemon/cli/add_flags.hpp"
#include "daemon/cli/aws_auth_client.hpp"
#include "daemon/cli/commands.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <expected>
#include <filesystem>
#include <istream>
#include <optional>
#include <ostream>
#include <string_view>
#include <utility>
#include <variant>

namespace arngate::cli {

namespace {

using Kind = config::AwsAuthEntry::Kind;

/// As Go's %q writes a text: what could lead a terminal is escaped.
std::string go_quoted(std::string_view text) {
    constexpr std::string_view named = "\a\b\t\n\v\f\r";
    std::string out = "\"";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (const auto at = named.find(c); at != named.npos) {
            out += '\\';
            out += "abtnvfr"[at];
        } else if (text::is_control(c)) {
            out += fmt::format("\\x{:02x}", byte);
        } else {
            out += c;
        }
    }
    return out + '"';
}

std::string quoted_list(const std::vector<std::string>& texts) {
    std::string out = "[";
    for (const std::string& text : texts) {
        out += (out.size() > 1 ? " " : "") + go_quoted(text);
    }
    return out + ']';
}

class AddCommand {
public:
    AddCommand(AddFlags flags, config::Profile profile, const Surroundings& surroundings)
        : flags_(std::move(flags)), profile_(profile), surroundings_(surroundings) {}

    int run() {
        if (auto wrong = check(); !wrong.empty()) {
            return refuse(wrong);
        }
        if (flags_.prompt) {
            if (const auto status = ask(); status) {
                return *status;
            }
        }
        auto access = find_access();
        if (!access) {
            return refuse(access.error());
        }
        if (access->tls.insecure_skip_verify) {
            surroundings_.err << "Warning: the kubeconfig says insecure-skip-tls-verify: the API server's certificate "
                                 "is not checked\n";
        }
        const auto object = add_to_aws_auth(std::move(*access), entry());
        if (!object) {
            return refuse(describe(object.error()));
        }
        print(*object);
        return success;
    }

private:
    [[nodiscard]] bool is_reference() const { return profile_ == config::Profile::reference; }
    [[nodiscard]] bool is_user() const { return flags_.kind == Kind::user; }

    int refuse(std::string_view what) {
        if (is_reference()) {
            surroundings_.out << what << '\n';
        } else {
            surroundings_.err << "Error: " << what << '\n';
        }
        return failure;
    }

    /// What is missing or wrong in the flags; empty: nothing.
    [[nodiscard]] std::string check() const {
        if ((flags_.arn.empty() && !flags_.sso) || flags_.username.empty() || flags_.groups.empty()) {
            return fmt::format(
                "invalid empty value in {} {}, username {}, groups {}",
                is_user() ? "userARN" : "rolearn",
                go_quoted(flags_.arn),
                go_quoted(flags_.username),
                quoted_list(flags_.groups)
            );
        }
        if (!flags_.arn.empty() && flags_.sso) {
            return "only one of --rolearn or --sso can be supplied";
        }
        if (flags_.sso) {
            for (const char* key : {"permissionSetName", "accountID"}) {
                if (!flags_.sso->contains(key)) {
                    return fmt::format("required key '{}' missing from --sso flag", key);
                }
            }
            const std::string fault = config::sso_fault(*sso());
            return fault.empty() ? fault : "error validating --sso: " + fault;
        }
        // Such an entry would never match; the Go program takes it all the same.
        if (!is_reference()) {
            const auto canonical = aws::canonicalize(flags_.arn);
            if (!canonical) {
                return fmt::format("{} is no ARN to map: {}", go_quoted(flags_.arn), aws::describe(canonical.error()));
            }
        }
        return {};
    }

    [[nodiscard]] std::optional<mapping::SsoRole> sso() const {
        if (!flags_.sso) {
            return std::nullopt;
        }
        const auto value = [&](const char* key, std::string otherwise) {
            const auto found = flags_.sso->find(key);
            return found == flags_.sso->end() ? std::move(otherwise) : found->second;
        };
        mapping::SsoRole role;
        role.permission_set_name = value("permissionSetName", {});
        role.account_id = value("accountID", {});
        role.partition = value("partition", "aws");
        return role;
    }

    [[nodiscard]] config::AwsAuthEntry entry() const {
        return {flags_.kind, flags_.arn, sso(), flags_.username, flags_.groups};
    }

    [[nodiscard]] std::string action() const {
        std::string what = fmt::format("{} {}", is_user() ? "userarn" : "rolearn", flags_.arn);
        if (const auto role = sso()) {
            what = fmt::format(
                "sso permissionSetName={},accountID={},partition={}",
                role->permission_set_name,
                role->account_id,
                role->partition
            );
        }
        return fmt::format("add {}, username {}, groups [{}]", what, flags_.username, fmt::join(flags_.groups, " "));
    }

    /// The exit status when the answer is not yes.
    [[nodiscard]] std::optional<int> ask() {
        const std::string what = go_quoted(action());
        surroundings_.out << "Ready to add " << what << ", should we continue? [y/N]: " << std::flush;
        std::string line;
        // The Go program takes no answer that has no line end.
        if (!std::getline(surroundings_.in, line) || (is_reference() && surroundings_.in.eof())) {
            return refuse("error reading input: EOF");
        }
        const std::string answer = text::to_lower(text::trim(line));
        if (answer == "y" || answer == "yes") {
            return std::nullopt;
        }
        surroundings_.out << "cancelled " << what << '\n';
        return success;
    }

    [[nodiscard]] std::expected<kube::Access, std::string> find_access() const {
        config::KubeconfigRequest request{flags_.kubeconfig, flags_.context, flags_.master_url};
        if (!request.file.empty()) {
            return config::read_kubeconfig(request);
        }
        if (is_reference()) {
            return std::unexpected("empty kubeconfig");
        }
        const char* variable = surroundings_.environment("KUBECONFIG");
        const char* home = surroundings_.environment("HOME");
        if (variable != nullptr && *variable != 0) {
            request.file = variable;
            if (request.file.contains(':')) {
                return std::unexpected("KUBECONFIG names several files, which are not merged; give one by --kubeconfig"
                );
            }
            return config::read_kubeconfig(request);
        }
        std::error_code error;
        if (home != nullptr) {
            request.file = std::string(home) + "/.kube/config";
            if (std::filesystem::exists(request.file, error)) {
                return config::read_kubeconfig(request);
            }
        }
        auto access = config::in_cluster_access(surroundings_.environment);
        if (!access) {
            return std::unexpected("no kubeconfig: give one by --kubeconfig or KUBECONFIG; " + access.error());
        }
        return access;
    }

    [[nodiscard]] std::string describe(const AddFailure& failure) const {
        if (const auto* refusal = std::get_if<config::AwsAuthRefusal>(&failure)) {
            return refusal->text;
        }
        const auto& error = std::get<kube::ApiError>(failure);
        if (is_reference()) {
            return error.server_message.empty() ? error.detail : error.server_message;
        }
        std::string text = error.detail;
        if (error.fault == kube::Fault::not_found) {
            text =
                "there is no ConfigMap kube-system/aws-auth, and add does not create it; create it empty first: "
                "kubectl -n kube-system create configmap aws-auth";
        }
        if (!error.server_message.empty()) {
            text += "\n  the API server says: " + error.server_message;
        }
        if (error.fault == kube::Fault::forbidden) {
            text += "\n  it takes the verbs get and update on configmap aws-auth in namespace kube-system";
        }
        return text;
    }

    void print(const config::Node& object) {
        config::Node shown = object;
        std::erase_if(shown.members, [](const config::Member& member) {
            return member.key == "kind" || member.key == "apiVersion";
        });
        surroundings_.out << "updated configmap:\n\n" << config::write_yaml(shown, config::KeyOrder::sorted) << '\n';
    }

    AddFlags flags_;
    config::Profile profile_;
    const Surroundings& surroundings_;
};

}  // namespace

int run_add(const CommandLine& line, const config::Settings& settings, const Surroundings& surroundings) {
    auto flags = read_add_flags(line);
    if (!flags) {
        if (settings.profile == config::Profile::reference) {
            surroundings.out << flags.error() << '\n';
        }
        surroundings.err << fmt::format("Error: {}\n\n{}", flags.error(), line.usage);
        return failure;
    }
    return AddCommand(std::move(*flags), settings.profile, surroundings).run();
}

}  // namespace arngate::cli
