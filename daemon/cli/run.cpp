#include "daemon/cli/run.hpp"

#include "core/base/log.hpp"
#include "daemon/cli/command_line.hpp"
#include "daemon/cli/commands.hpp"

#include <exception>
#include <iterator>
#include <ostream>
#include <utility>
#include <variant>

namespace arngate::cli {

namespace {

int dispatch(CommandLine& line, const Surroundings& surroundings, const Serve& serve) {
    if (line.command == Command::version) {
        return run_version(line, surroundings);
    }
    auto variables = config::overrides_from_environment(surroundings.environment);
    line.request.overrides.insert(
        line.request.overrides.end(),
        std::make_move_iterator(variables.begin()),
        std::make_move_iterator(variables.end())
    );
    auto loaded = config::load(line.request);
    if (!loaded) {
        for (const config::Problem& problem : loaded.error()) {
            surroundings.err << "Error: " << problem.text() << '\n';
        }
        return failure;
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
        case Command::token:
            return run_token(line, loaded->settings, surroundings);
        case Command::verify:
            return run_verify(line, loaded->settings, surroundings);
        case Command::server:
        case Command::version:
            break;
    }
    return failure;
}

}  // namespace

int run(std::span<const std::string> arguments, const Surroundings& surroundings, const Serve& serve) {
    try {
        auto parsed = parse_command_line(arguments);
        if (const auto* message = std::get_if<Message>(&parsed)) {
            (message->status == success ? surroundings.out : surroundings.err) << message->text << std::flush;
            return message->status;
        }
        const int status = dispatch(std::get<CommandLine>(parsed), surroundings, serve);
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
