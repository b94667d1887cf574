#pragma once

#include "config/load.hpp"
#include "daemon/cli/surroundings.hpp"

#include <functional>
#include <span>
#include <string>

namespace arngate::cli {

/// Runs the server until it is told to stop; gives the exit status. The request is what `loaded` came from, to read it
/// again on a reload.
using Serve = std::function<int(const config::LoadRequest& request, config::Loaded loaded)>;

/// The whole program: parses the arguments (the first is the program's name), reads the configuration and runs the
/// command. Gives the exit status.
[[nodiscard]] int run(std::span<const std::string> arguments, const Surroundings& surroundings, const Serve& serve);

}  // namespace arngate::cli
