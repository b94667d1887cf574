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

constexpr std::string_view add_details =
    "Everything else in the map stays as it is. The credentials need the verbs get and update on configmap\n"
    "aws-auth in namespace kube-system.\n\n"
    "  arngate add user --userarn arn:aws:iam::123456789012:user/jane --username jane --groups developers\n"
    "  arngate add role --rolearn arn:aws:iam::123456789012:role/Ops --username ops:{{SessionName}} --groups ops\n"
    "  arngate add role --sso permissionSetName=Admin,accountID=123456789012 --username admin --groups admins\n";

constexpr std::string_view cert_details =
    "A rotation takes two steps, since an API server reads its kubeconfig once:\n\n"
    "  arngate cert rotate            a running server takes the new certificate at once; every API server goes on\n"
    "  (restart each API server)      it reads the new kubeconfig\n"
    "  arngate cert rotate --finish   the old certificate is out of use\n";

constexpr std::string_view check_details =
    "Configuration files, manifests of ConfigMaps and IAMIdentityMapping, and dynamic files are read as the server\n"
    "reads them; - is standard input. Needs no server and no network.\n\n"
    "  arngate check config.yaml aws-auth.yaml\n"
    "  kubectl -n kube-system get configmap aws-auth -o yaml | arngate check -\n"
    "  arngate check --diff old.yaml new.yaml\n\n"
    "Status: 0 nothing of the severity of --fail-on, 1 something, 2 a wrong flag or a file that cannot be read.\n";

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
     "In a kubeconfig, as `arngate kubeconfig` writes it:\n\n"
     "  users:\n"
     "    - name: me\n"
     "      user:\n"
     "        exec:\n"
     "          apiVersion: client.authentication.k8s.io/v1beta1\n"
     "          command: arngate\n"
     "          args: [token, --cluster-id, my-cluster]\n\n"
     "Without --cluster-id, the cluster's extension client.authentication.k8s.io/exec names it in clusterID.\n"
     "-v debug shows where credentials were looked for.\n\n"
     "Status: 0 a token was printed, 1 none; standard error says why and what to do.\n"},
    {Command::kubeconfig,
     "kubeconfig",
     "Write a user that gets its tokens from this program into a kubeconfig",
     "With --server, the cluster and a context too. The flags of `token` go into the user's arguments. Everything "
     "else\n"
     "in the file stays, but for comments; doing it again changes nothing.\n\n"
     "  arngate kubeconfig -i my-cluster --server https://my-cluster.example --ca-file ca.pem\n"
     "  arngate kubeconfig -i my-cluster --role arn:aws:iam::123456789012:role/Ops --user ops --dry-run\n\n"
     "Status: 0 the file is as it was asked for, 1 it is not; standard error says why.\n"},
    {Command::verify,
     "verify",
     "Check a token as the server does and print whose it is",
     "Example: arngate verify -i my-cluster -t \"$(arngate token -i my-cluster --token-only)\"\n"},
    {Command::add, "add", "Add a mapping to the ConfigMap kube-system/aws-auth, which must exist", add_details, true},
    {Command::add_user, "add user", "Add the mapping of an IAM user to the ConfigMap kube-system/aws-auth", add_details
    },
    {Command::add_role, "add role", "Add the mapping of an IAM role to the ConfigMap kube-system/aws-auth", add_details
    },
    {Command::health,
     "health",
     "Ask a running server how it is; the exit status says it",
     "Without --url, the server of the same configuration is asked for /readyz. For probes of containers.\n\n"
     "  arngate health --url 'http://127.0.0.1:21363/readyz?verbose'\n"},
    {Command::cert, "cert", "Show or renew the certificate of the webhook", cert_details, true},
    {Command::cert_show, "cert show", "Show the certificate of the webhook and how long it lasts", cert_details},
    {Command::cert_rotate,
     "cert rotate",
     "Make a new key and certificate that API servers trust which know the old one",
     cert_details},
    {Command::check, "check", "Name what is wrong or doubtful in files with mappings", check_details, false, "FILE..."},
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

std::vector<Flag> version_flags() {
    return {
        {.name = "output",
         .short_name = 'o',
         .value_name = "WORD",
         .choices = "json yaml",
         .help = "Form of the output: json or yaml. [default json]"},
        {.name = "short", .short_name = 's', .is_boolean = true, .help = "Print the version number alone."},
    };
}

std::vector<Flag> health_flags() {
    return {
        {.name = "url",
         .value_name = "URL",
         .help = "What to ask: http://HOST[:PORT][/PATH]. [default /readyz of server.healthAddress and "
                 "server.healthPort]"},
        {.name = "timeout", .value_name = "DURATION", .help = "How long to wait: 1s to 60s. [default 3s]"},
    };
}

std::vector<Flag> add_flags() {
    return {
        {.name = "kubeconfig",
         .value_name = "FILE",
         .help = "How to reach the API server; must be given under --compat reference. [default $KUBECONFIG, "
                 "~/.kube/config or the service account of the pod]"},
        {.name = "kubeconfig-context",
         .value_name = "NAME",
         .help = "Context of the kubeconfig. [default its current-context]"},
        {.name = "master-url",
         .value_name = "URL",
         .help = "URL of the API server. [default that of the cluster in the context]"},
        {.name = "prompt",
         .is_boolean = true,
         .help = "Ask before anything is written; --prompt=false does not. [default true]"},
    };
}

std::vector<Flag> entry_flags() {
    std::vector<Flag> flags{
        {.name = "username", .value_name = "NAME", .help = "Kubernetes user name; may hold templates."},
        {.name = "groups", .value_name = "LIST", .help = "Kubernetes groups, between commas; may be repeated."},
    };
    const std::vector<Flag> common = add_flags();
    flags.insert(flags.end(), common.begin(), common.end());
    return flags;
}

std::vector<Flag> add_user_flags() {
    std::vector<Flag> flags = entry_flags();
    flags.push_back({.name = "userarn", .value_name = "ARN", .help = "ARN of the IAM user."});
    return flags;
}

std::vector<Flag> add_role_flags() {
    std::vector<Flag> flags = entry_flags();
    flags.push_back({.name = "rolearn", .value_name = "ARN", .help = "ARN of the IAM role."});
    flags.push_back(
        {.name = "sso",
         .value_name = "LIST",
         .help = "Permission set of IAM Identity Center, instead of a role: "
                 "permissionSetName=NAME,accountID=ID[,partition=PARTITION]."}
    );
    return flags;
}

std::vector<Flag> kubeconfig_flags() {
    return {
        {.name = "kubeconfig",
         .value_name = "FILE",
         .help = "File to write. [default the first of $KUBECONFIG, else ~/.kube/config]"},
        {.name = "user", .value_name = "NAME", .help = "Name of the user. [default the cluster id]"},
        {.name = "cluster",
         .value_name = "NAME",
         .help = "Name of the cluster; without --server one that is in the file. [default the cluster id]"},
        {.name = "context", .value_name = "NAME", .help = "Name of the context. [default that of the cluster]"},
        {.name = "namespace", .value_name = "NAME", .help = "Namespace of the context."},
        {.name = "server", .value_name = "URL", .help = "URL of the API server: writes the cluster and a context."},
        {.name = "ca-file", .value_name = "FILE", .help = "Certificates that the API server is trusted by, PEM."},
        {.name = "ca-data", .value_name = "TEXT", .help = "The same as base64, kept in the kubeconfig itself."},
        {.name = "profile", .value_name = "NAME", .help = "AWS profile to take credentials from."},
        {.name = "command", .value_name = "FILE", .help = "Program that kubectl runs. [default this one, by its name]"},
        {.name = "set-current", .is_boolean = true, .help = "Make the context the current one. [default true]"},
        {.name = "dry-run", .is_boolean = true, .help = "Print the entries and write nothing."},
    };
}

std::vector<Flag> check_flags() {
    return {
        flag_of(*config::find_key("server.partition")),
        {.name = "backends",
         .value_name = "LIST",
         .help = "Take all files for the mapping of one server with these sources, in their order."},
        {.name = "diff",
         .is_boolean = true,
         .help = "Say which identities gain, lose or change access from the first of two files to the second."},
        {.name = "fail-on",
         .value_name = "WORD",
         .choices = "error warning",
         .help = "Severity that makes the status 1: error or warning. [default error]"},
        {.name = "ignore", .value_name = "LIST", .help = "Rules to leave out; may be repeated."},
        {.name = "kind",
         .value_name = "WORD",
         .choices = "auto config manifest configmap-data dynamic-file dynamic-file-strict",
         .help = "What the files are: auto, config, manifest, configmap-data, dynamic-file or dynamic-file-strict. "
                 "[default auto]"},
        {.name = "output",
         .short_name = 'o',
         .value_name = "WORD",
         .choices = "text json sarif",
         .help = "Form of the output: text, json or sarif. [default text]"},
    };
}

/// The flags that set no key, or one of another command's: their command reads them itself.
std::vector<Flag> keyless_flags(Command command) {
    switch (command) {
        case Command::version:
            return version_flags();
        case Command::add:
            return add_flags();
        case Command::add_user:
            return add_user_flags();
        case Command::add_role:
            return add_role_flags();
        case Command::health:
            return health_flags();
        case Command::check:
            return check_flags();
        case Command::kubeconfig:
            return kubeconfig_flags();
        case Command::cert_rotate:
            return {
                {.name = "finish",
                 .is_boolean = true,
                 .help = "End a rotation, when every API server has read the kubeconfig again."},
            };
        case Command::init:
            return {
                {.name = "owner",
                 .value_name = "UID:GID",
                 .help = "Give the state directory and all files to this user: the one the server will run as. For "
                         "root."},
            };
        case Command::server:
        case Command::cert:
        case Command::cert_show:
        case Command::token:
        case Command::verify:
        case Command::completion:
            break;
    }
    return {};
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
    const std::vector<Flag> more = keyless_flags(command.command);
    flags.insert(flags.end(), more.begin(), more.end());
    return flags;
}

std::vector<Flag> flags_of(const CommandInfo& command) {
    std::vector<Flag> flags = own_flags(command);
    const auto global = global_flags();
    flags.insert(flags.end(), global.begin(), global.end());
    return flags;
}

}  // namespace arngate::cli
