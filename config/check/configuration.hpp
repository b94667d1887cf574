#pragma once

#include "config/check/reading.hpp"
#include "config/document.hpp"

#include <string_view>

namespace arngate::config::check {

/// The text of a configuration: a file, or a value inside one.
struct ConfigurationText {
    std::string_view file;  ///< that findings name
    std::string_view name;  ///< whose extension says the format; YAML without one, as of what comes from a pipe
    std::string_view text;
    PlaceInFile place_in_file{};  ///< of a value inside the file
};

/// Reads it as the server does. Adds its findings, its entries if MountedFile is among its backends, and its settings.
void read_configuration(const ConfigurationText& configuration, const ReadOptions& options, Reading& reading);

}  // namespace arngate::config::check
