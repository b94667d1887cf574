#pragma once

#include "config/document.hpp"

#include <expected>
#include <string_view>

namespace arngate::config {

/// Reads lines of KEY=value (or KEY: value), as .env files have them: `export` before the key is allowed, `#` starts a
/// comment, a value may stand in quotes, which may span lines; in double quotes `\n` and `\r` are line ends and a
/// backslash takes the meaning of what follows. Dots in a key lead into sections: "server.port=443". Every value is a
/// text. References to variables (`$NAME`) are refused, not expanded: what a file says does not depend on who reads it.
[[nodiscard]] std::expected<Node, SyntaxError> read_dotenv(std::string_view text);

}  // namespace arngate::config
