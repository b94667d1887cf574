#include "daemon/cli/command_table.hpp"

#include "config/describe.hpp"

#include <algorithm>
#include <array>

namespace arngate::cli {

namespace {

constexpr std::string_view completion_details =
    "The script goes to standard output. To load it in this shell:\n\n"
    "  bash        source <(arngate completion bash)\n"
    "  zsh         source <(arngate completion zsh)\n"
    "  fish        arngate completion fish | source\n"
    "  powershell  arngate completion powershell | Out-String | Invoke-Expression\n\n"
    "For every shell, write it where that shell looks, such as /etc/bash_completion.d/arngate,\n"
    "a directory of zsh's $fpath under the name _arngate, or ~/.config/fish/completions/arngate.fish.\n";

constexpr auto table = std::to_array<CommandInfo>({
    {Command::server,
     "server",
     "Answer the TokenReviews of a Kubernetes API server",
     "The configuration file names the cluster and says which IAM identities become which users:\n\n"
     "  clusterID: my-cluster\n"
     "  server:\n"
     "    mapRoles:\n"
     "      - rolearn: arn:aws:iam::123456789012:role/KubernetesAdmin\n"
     "        username: kubernetes-admin\n"
     "        groups: [\"system:masters\"]\n\n"
     "SIGTERM finishes running reviews and ends; SIGHUP reads the mappings again.\n"},
    {Command::init,
     "init",
     "Make the certificate, the key and the kubeconfig that the API server needs before it starts",
     "May be run any number of times: a key that exists is kept. Then start the API server with\n"
     "--authentication-token-webhook-config-file naming the kubeconfig.\n"},
    {Command::token,
     "token",
     "Print a token for a cluster, in the form that kubectl expects",
     "In a kubeconfig:\n\n"
     "  users:\n"
     "    - name: me\n"
     "      user:\n"
     "        exec:\n"
     "          apiVersion: client.authentication.k8s.io/v1beta1\n"
     "          command: arngate\n"
     "          args: [token, --cluster-id, my-cluster]\n"},
    {Command::verify,
     "verify",
     "Check a token as the server does and print whose it is",
     "Example: arngate verify -i my-cluster -t \"$(arngate token -i my-cluster --token-only)\"\n"},
    {Command::version, "version", "Print the version"},
    {Command::completion,
     "completion",
     "Print a script by which a shell completes commands and flags",
     completion_details,
     true},
    {Command::completion, "completion bash", "Print the script for bash", completion_details},
    {Command::completion, "completion zsh", "Print the script for zsh", completion_details},
    {Command::completion, "completion fish", "Print the script for fish", completion_details},
    {Command::completion, "completion powershell", "Print the script for PowerShell", completion_details},
});

std::string_view value_name(config::ValueType type) {
    using enum config::ValueType;
    switch (type) {
        case integer:
            return "NUMBER";
        case size:
            return "SIZE";
        case duration:
            return "DURATION";
        case text_list:
            return "LIST";
        case enumeration:
            return "WORD";
        case text:
        case boolean:
        case object_list:
            break;
    }
    return "TEXT";
}

Flag flag_of(const config::Key& key) {
    return {
        .name = key.flag.substr(2),
        .short_name = key.short_flag,
        .is_boolean = key.type == config::ValueType::boolean,
        .value_name = value_name(key.type),
        .choices = key.type == config::ValueType::enumeration ? key.choices : std::string_view(),
        .help = config::flag_help(key),
        .key = &key,
    };
}

std::vector<Flag> make_global_flags() {
    std::vector<Flag> flags{
        {.name = "help", .short_name = 'h', .is_boolean = true, .help = "Explain the command and its flags."},
        {.name = "config",
         .short_name = 'c',
         .value_name = "FILE",
         .help = "Configuration file; its extension says the format: yaml, yml, json, toml, env or dotenv."},
    };
    for (const config::Key& key : config::schema()) {
        if (key.flag_commands == "*") {
            flags.push_back(flag_of(key));
        }
    }
    return flags;
}

}  // namespace

std::span<const CommandInfo> commands() noexcept {
    return table;
}

const CommandInfo* find_command(std::string_view name) noexcept {
    const auto found = std::ranges::find(table, name, &CommandInfo::name);
    return found == table.end() ? nullptr : &*found;
}

std::span<const Flag> global_flags() {
    static const std::vector<Flag> flags = make_global_flags();
    return flags;
}

std::vector<Flag> own_flags(const CommandInfo& command) {
    std::vector<Flag> flags;
    for (const config::Key* key : config::flags_of(command.name)) {
        if (key->flag_commands != "*") {
            flags.push_back(flag_of(*key));
        }
    }
    if (command.command == Command::version) {
        flags.push_back(
            {.name = "output",
             .short_name = 'o',
             .value_name = "WORD",
             .choices = "json yaml",
             .help = "Form of the output: json or yaml. [default json]"}
        );
        flags.push_back(
            {.name = "short", .short_name = 's', .is_boolean = true, .help = "Print the version number alone."}
        );
    }
    return flags;
}

std::vector<Flag> flags_of(const CommandInfo& command) {
    std::vector<Flag> flags = own_flags(command);
    const auto global = global_flags();
    flags.insert(flags.end(), global.begin(), global.end());
    return flags;
}

}  // namespace arngate::cli
