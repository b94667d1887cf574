#pragma once

#include "core/credentials/source.hpp"

#include <string>

namespace arngate::credentials {

/// Asks for the code of an MFA device on the terminal, without showing what is typed. Standard input and output are
/// left alone, as kubectl has them. The error says that there is no terminal, or that nothing usable was typed.
[[nodiscard]] MfaPrompt terminal_prompt(std::string terminal = "/dev/tty");

}  // namespace arngate::credentials
