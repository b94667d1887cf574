#include "daemon/cli/run.hpp"

#include "core/base/log.hpp"
#include "daemon/cli/command_line.hpp"
#include "daemon/cli/commands.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <iterator>
#include <ostream>
#include <utility>
#include <variant>

namespace arngate::cli {

namespace {

/// The profile before a file was read: that of a flag or variable, else that of the program's name.
config::Profile asked_profile(const config::LoadRequest& request) {
    const auto given = std::ranges::find(request.overrides, "compat", &config::Override::key);
    if (given == request.overrides.end() || given->values.empty()) {
        return request.default_profile;
    }
    return given->values.back() == "reference" ? config::Profile::reference : config::Profile::arngate;
}

/// What cannot be used, where the Go program says it: a file that cannot be read on standard output; what the server
/// finds in one in its log, behind its first line; a wrong flag on both, with the usage.
int refuse_as_reference(const CommandLine& line, const config::Problems& problems, const Surroundings& surroundings) {
    const bool of_document = problems.front().of_document;
    if (of_document) {
        for (const config::Problem& problem : problems) {
            surroundings.out << "Can't read configuration file: " << problem.text() << '\n';
        }
        return failure;
    }
    const bool of_flag = problems.front().file.starts_with("--");
    if (of_flag) {
        if (!problems.front().file.starts_with("--log-verbosity")) {  // which is no part of what reads flags there
            surroundings.err << "Error: " << problems.front().text() << "\n\n" << line.usage;
        }
        surroundings.out << problems.front().text() << '\n';
        return failure;
    }
    if (line.command == Command::server || line.command == Command::init) {
        surroundings.out << version_line();
    }
    for (const config::Problem& problem : problems) {
        if (line.command == Command::server) {
            log::write(log::Level::fatal, problem.text());
        } else if (line.command == Command::init) {
            surroundings.err << "could not get config: " << problem.text() << '\n';
        } else {
            surroundings.out << problem.text() << '\n';
        }
    }
    return failure;
}

int refuse(const CommandLine& line, const config::Problems& problems, const Surroundings& surroundings) {
    if (asked_profile(line.request) == config::Profile::reference) {
        return refuse_as_reference(line, problems, surroundings);
    }
    for (const config::Problem& problem : problems) {
        surroundings.err << "Error: " << problem.text() << '\n';
    }
    return failure;
}

/// The words themselves are not shown: one may be a token.
int refuse_words(const CommandLine& line, const Surroundings& surroundings) {
    surroundings.err << fmt::format(
        "Error: {} argument{} to no flag. A value follows its flag (--region eu-west-1); a boolean has it behind an "
        "equals sign (--token-only=false).\n\n{}",
        line.words.size(),
        line.words.size() == 1 ? " belongs" : "s belong",
        line.usage
    );
    return failure;
}

int dispatch(CommandLine& line, const Surroundings& surroundings, const Serve& serve) {
    auto variables = config::overrides_from_environment(surroundings.environment);
    line.request.overrides.insert(
        line.request.overrides.end(),
        std::make_move_iterator(variables.begin()),
        std::make_move_iterator(variables.end())
    );
    const bool is_reference = asked_profile(line.request) == config::Profile::reference;
    if (line.command == Command::version && !is_reference) {
        return line.words.empty() ? run_version(line, surroundings) : refuse_words(line, surroundings);
    }
    if (line.command == Command::check) {
        return run_check(line, surroundings);
    }
    auto loaded = config::load(line.request);
    if (!loaded) {
        return refuse(line, loaded.error(), surroundings);
    }
    if (!line.words.empty() && loaded->settings.profile == config::Profile::arngate) {
        return refuse_words(line, surroundings);
    }
    if (line.command == Command::server) {
        return serve(line.request, std::move(*loaded));
    }

    log::configure({loaded->settings.log.level, loaded->settings.log.format, log::Delivery::at_once});
    for (const config::Problem& problem : loaded->warnings) {
        surroundings.err << "Warning: " << problem.text() << '\n';
    }
    switch (line.command) {
        case Command::init:
            return run_init(line, loaded->settings, surroundings);
        case Command::health:
            return run_health(line, loaded->settings, surroundings);
        case Command::cert_show:
            return run_cert_show(loaded->settings, surroundings);
        case Command::cert_rotate:
            return run_cert_rotate(line, loaded->settings, surroundings);
        case Command::token:
            return run_token(line, loaded->settings, surroundings);
        case Command::kubeconfig:
            return run_kubeconfig(line, loaded->settings, surroundings);
        case Command::verify:
            return run_verify(line, loaded->settings, surroundings);
        case Command::version:
            return run_version(line, surroundings);
        case Command::add_user:
        case Command::add_role:
            return run_add(line, loaded->settings, surroundings);
        case Command::add:
        case Command::cert:
        case Command::server:
        case Command::check:
        case Command::completion:
            break;
    }
    return failure;
}

int run_arguments(std::span<const std::string> arguments, const Surroundings& surroundings, const Serve& serve) {
    auto parsed = parse_command_line(arguments);
    if (const auto* message = std::get_if<Message>(&parsed)) {
        surroundings.err << message->err << std::flush;
        surroundings.out << message->out;
        return message->status;
    }
    return dispatch(std::get<CommandLine>(parsed), surroundings, serve);
}

}  // namespace

int run(std::span<const std::string> arguments, const Surroundings& surroundings, const Serve& serve) {
    try {
        const int status = run_arguments(arguments, surroundings, serve);
        surroundings.out.flush();
        if (!surroundings.out) {
            surroundings.err << "Error: cannot write to standard output\n";
            return failure;
        }
        return status;
    } catch (const std::exception& e) {
        surroundings.err << "Error: " << e.what() << '\n';
        return failure;
    }
}

}  // namespace arngate::cli
