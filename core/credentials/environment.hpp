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

}  // namespace arngate::credentials
