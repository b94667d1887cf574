#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace arngate::credentials {

/// The words of a command, split as a POSIX shell splits them, and nothing else of a shell: blanks separate, quotes and
/// backslashes keep together, variables, globs and operators are plain text. The same as Python's shlex.split, which
/// the AWS CLI uses for credential_process. Fails on a quote or backslash that nothing ends. Pure.
[[nodiscard]] std::expected<std::vector<std::string>, std::string> split_command(std::string_view command);

}  // namespace arngate::credentials
