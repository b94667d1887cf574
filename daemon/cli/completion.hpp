#pragma once

#include <string>
#include <string_view>

namespace arngate::cli {

/// The script by which the shell (bash, zsh, fish or powershell) completes the commands, flags and words of this build
/// for a program of this name. Empty for another shell. A name with characters beyond letters, digits and ".-_" is
/// taken as "arngate": it is put into the script.
[[nodiscard]] std::string completion_script(std::string_view shell, std::string_view program);

}  // namespace arngate::cli
