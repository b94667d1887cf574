#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace arngate::credentials {

/// Where environment variables come from, so that tests need not touch the process's own. Returns null when unset.
using Environment = std::function<const char*(const char* name)>;

/// The variable's text. A variable that is set to nothing counts as not set, as the AWS SDKs have it.
[[nodiscard]] inline std::string variable(const Environment& environment, const char* name) {
    const char* value = environment(name);
    return value == nullptr ? std::string() : std::string(value);
}

/// "~/x" as a file in $HOME; all else as it is.
[[nodiscard]] inline std::string expand_home(const Environment& environment, const std::string& path) {
    const std::string home = variable(environment, "HOME");
    return path.starts_with("~/") && !home.empty() ? home + path.substr(1) : path;
}

}  // namespace arngate::credentials
