#include "daemon/cli/command_line.hpp"

#include "config/schema.hpp"
#include "core/base/text.hpp"

#include <fmt/format.h>
#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <algorithm>
#include <array>
#include <exception>
#include <filesystem>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace arngate::cli {

namespace {

struct CommandInfo {
    Command command;
    const char* name;
    const char* summary;
    const char* footer;
};

constexpr std::array commands{
    CommandInfo{
        Command::server,
        "server",
        "Answer the TokenReviews of a Kubernetes API server",
        "The configuration file names the cluster and says which IAM identities become which users:\n\n"
        "  clusterID: my-cluster\n"
        "  server:\n"
        "    mapRoles:\n"
        "      - rolearn: arn:aws:iam::123456789012:role/KubernetesAdmin\n"
        "        username: kubernetes-admin\n"
        "        groups: [\"system:masters\"]\n\n"
        "SIGTERM finishes running reviews and ends; SIGHUP reads the mappings again."
    },
    CommandInfo{
        Command::init,
        "init",
        "Make the certificate, the key and the kubeconfig that the API server needs before it starts",
        "May be run any number of times: a key that exists is kept. Then start the API server with\n"
        "--authentication-token-webhook-config-file naming the kubeconfig."
    },
    CommandInfo{
        Command::token,
        "token",
        "Print a token for a cluster, in the form that kubectl expects",
        "In a kubeconfig:\n\n"
        "  users:\n"
        "    - name: me\n"
        "      user:\n"
        "        exec:\n"
        "          apiVersion: client.authentication.k8s.io/v1beta1\n"
        "          command: arngate\n"
        "          args: [token, --cluster-id, my-cluster]\n"
    },
    CommandInfo{
        Command::verify,
        "verify",
        "Check a token as the server does and print whose it is",
        "Example: arngate verify -i my-cluster -t \"$(arngate token -i my-cluster --token-only)\""
    },
    CommandInfo{Command::version, "version", "Print the version", ""},
};

/// A flag of one command and the key it sets.
struct BoundFlag {
    const config::Key* key;
    CLI::Option* option;
};

bool has_flag(const config::Key& key, std::string_view command) {
    if (key.flag.empty()) {
        return false;
    }
    const auto names = text::split(key.flag_commands, ' ');
    return std::ranges::any_of(names, [&](std::string_view name) { return name == "*" || name == command; });
}

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

std::string description_of(const config::Key& key) {
    std::string result(key.description);
    if (key.type != config::ValueType::boolean && !key.constraint.empty()) {
        result += fmt::format(" ({})", key.constraint);
    }
    if (!key.default_text.empty() && key.type != config::ValueType::boolean) {
        result += fmt::format(" [{}]", key.default_text);
    }
    for (const std::string_view name : text::split(key.environment, ' ')) {
        if (!name.empty()) {
            result += fmt::format(" [${}]", name);
        }
    }
    return result;
}

CLI::Option* add_key(CLI::App& app, const config::Key& key) {
    std::string names(key.flag);
    if (key.short_flag != 0) {
        names = fmt::format("-{},{}", key.short_flag, key.flag);
    }
    const std::string description = description_of(key);
    if (key.type == config::ValueType::boolean) {
        return app.add_flag(names, description);
    }
    CLI::Option* option = app.add_option(names, description);
    option->type_name(std::string(value_name(key.type)));
    option->expected(1);
    option->multi_option_policy(
        key.type == config::ValueType::text_list ? CLI::MultiOptionPolicy::TakeAll : CLI::MultiOptionPolicy::TakeLast
    );
    return option;
}

/// The values of a flag that was given; nothing when it was not.
std::optional<config::Override> override_of(const BoundFlag& flag) {
    if (flag.option->count() == 0) {
        return std::nullopt;
    }
    const auto& results = flag.option->results();
    config::Override result{std::string(flag.key->path), {}, std::string(flag.key->flag)};
    if (flag.key->type != config::ValueType::text_list) {
        result.values.push_back(results.empty() ? std::string() : results.back());
        return result;
    }
    for (const std::string& given : results) {
        if (flag.key->separator == 0) {
            result.values.push_back(given);
            continue;
        }
        for (const std::string_view item : text::split(given, ',')) {
            result.values.emplace_back(item);
        }
    }
    return result;
}

/// Arguments for CLI11: reversed, without the program, ended by "--", with "--flag=" as a flag and an empty value.
std::vector<std::string> prepared(std::span<const std::string> arguments) {
    std::vector<std::string> result;
    for (const std::string& argument : arguments.subspan(1)) {
        if (argument == "--") {
            break;
        }
        if (argument.starts_with("--") && argument.find('=') == argument.size() - 1) {
            result.push_back(argument.substr(0, argument.size() - 1));
            result.emplace_back();
        } else {
            result.push_back(argument);
        }
    }
    std::ranges::reverse(result);
    return result;
}

/// The whole grammar. Lives as long as a parse.
class Grammar {
public:
    explicit Grammar(const std::string& program)
        : root_("Lets a Kubernetes cluster trust AWS IAM identities.", program) {
        root_.set_help_flag("-h,--help", "Print this help");
        root_.require_subcommand(0, 1);
        root_.footer(fmt::format("\"{} COMMAND --help\" explains the flags of a command.", program));
        add_config(root_);
        add_keys(root_, "", root_flags_);
        for (std::size_t i = 0; i < commands.size(); ++i) {
            const CommandInfo& info = commands[i];
            CLI::App* app = root_.add_subcommand(info.name, info.summary);
            app->allow_extras();
            app->footer(info.footer);
            subcommands_[i] = app;
            add_config(*app);
            add_keys(*app, info.name, flags_[i]);
            if (info.command == Command::version) {
                const std::string output = "Form of the output: json or yaml [json]";
                version_output_ = app->add_option("-o,--output", output);
                version_output_->type_name("WORD")->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
                const std::string brief = "Print the version number alone";
                version_short_ = app->add_flag("-s,--short", brief);
            }
        }
        help_ = root_.add_subcommand("help", "Explain a command");
        help_->allow_extras();
        // Once a command was parsed, CLI11 gives that command's help in place of the program's.
        root_help_ = root_.help();
    }

    [[nodiscard]] std::variant<CommandLine, Message> parse(
        const std::string& program, std::span<const std::string> arguments
    ) {
        try {
            root_.parse(prepared(arguments));
        } catch (const CLI::CallForHelp&) {
            return Message{0, active_help()};
        } catch (const CLI::ParseError& e) {
            return refuse(e.what());
        }
        if (help_->parsed()) {
            return explain(help_->remaining());
        }
        const auto found = std::ranges::find_if(subcommands_, [](const CLI::App* app) { return app->parsed(); });
        if (found == subcommands_.end()) {
            return Message{0, root_help_};
        }
        for (const std::string& extra : (*found)->remaining()) {
            if (extra.size() > 1 && extra.front() == '-') {
                return refuse(fmt::format("unknown flag {}", extra.substr(0, extra.find('='))));
            }
        }
        return command_line(program, static_cast<std::size_t>(found - subcommands_.begin()));
    }

private:
    void add_config(CLI::App& app) {
        const std::string description = "Configuration file; its extension says the format: yaml, yml, json or toml";
        CLI::Option* option = app.add_option("-c,--config", description);
        option->type_name("FILE")->expected(1)->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
        config_flags_.push_back(option);
    }

    static void add_keys(CLI::App& app, std::string_view command, std::vector<BoundFlag>& flags) {
        for (const config::Key& key : config::schema()) {
            if (has_flag(key, command)) {
                flags.push_back({&key, add_key(app, key)});
            }
        }
    }

    std::string help_of(const CLI::App& app) { return app.help(root_.get_name()); }

    std::string active_help() {
        const auto parsed = root_.get_subcommands();
        return parsed.empty() ? root_help_ : help_of(*parsed.front());
    }

    Message refuse(std::string_view what) { return {1, fmt::format("Error: {}\n\n{}", what, active_help())}; }

    Message explain(const std::vector<std::string>& words) {
        if (words.empty()) {
            return {0, root_help_};
        }
        for (CLI::App* app : subcommands_) {
            if (app->get_name() == words.front()) {
                return {0, help_of(*app)};
            }
        }
        return {1, fmt::format("Error: there is no command of that name\n\n{}", root_help_)};
    }

    CommandLine command_line(const std::string& program, std::size_t index) {
        CommandLine result;
        result.command = commands[index].command;
        result.program = program;
        result.usage = help_of(*subcommands_[index]);
        result.request.purpose = result.command == Command::server || result.command == Command::init
                                     ? config::Purpose::server
                                     : config::Purpose::client;
        result.request.default_profile =
            program == "aws-iam-authenticator" ? config::Profile::reference : config::Profile::arngate;
        for (const CLI::Option* option : config_flags_) {
            if (option->count() > 0) {
                result.request.file = option->results().back();
            }
        }
        // The command's own flags come first: the first override of a key wins.
        for (const auto* flags : {&flags_[index], &root_flags_}) {
            for (const BoundFlag& flag : *flags) {
                if (auto given = override_of(flag)) {
                    result.request.overrides.push_back(std::move(*given));
                }
            }
        }
        if (version_output_->count() > 0) {
            result.version_output = version_output_->results().back();
        }
        result.version_short = version_short_->count() > 0 && version_short_->results().back() != "false";
        return result;
    }

    CLI::App root_;
    std::string root_help_;
    std::array<CLI::App*, commands.size()> subcommands_{};
    CLI::App* help_ = nullptr;
    std::vector<CLI::Option*> config_flags_;
    std::vector<BoundFlag> root_flags_;
    std::array<std::vector<BoundFlag>, commands.size()> flags_;
    CLI::Option* version_output_ = nullptr;
    CLI::Option* version_short_ = nullptr;
};

}  // namespace

std::variant<CommandLine, Message> parse_command_line(std::span<const std::string> arguments) {
    const std::string program =
        arguments.empty() ? std::string("arngate") : std::filesystem::path(arguments.front()).filename().string();
    Grammar grammar(program.empty() ? "arngate" : program);
    const std::array<std::string, 1> nothing{program};
    return grammar.parse(program, arguments.empty() ? std::span<const std::string>(nothing) : arguments);
}

}  // namespace arngate::cli
