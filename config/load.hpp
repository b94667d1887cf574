#pragma once

#include "config/problem.hpp"
#include "config/settings.hpp"

#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace arngate::config {

/// A value given outside the file; beats the file. Flags come before environment variables in `LoadRequest::overrides`
/// (the first override of a key wins).
struct Override {
    std::string key;                  ///< dotted path of the schema
    std::vector<std::string> values;  ///< one for scalars
    std::string source;               ///< "--port", "AWS_IAM_AUTHENTICATOR_LOG_VERBOSITY", …, for messages
};

enum class Purpose { server, client };

struct LoadRequest {
    std::string file;  ///< empty: none. The extension says the format: yaml, yml, json, toml
    std::vector<Override> overrides;
    Profile default_profile = Profile::arngate;
    Purpose purpose = Purpose::server;  ///< a client needs no server section to be complete
};

struct Loaded {
    Settings settings;
    Problems warnings;  ///< unknown keys with the nearest known one, obsolete keys, doubtful entries
};

/// Reads, merges and checks. Either complete settings or every problem found; never something in between. The size of
/// the file is bounded (64 MiB).
[[nodiscard]] std::expected<Loaded, Problems> load(const LoadRequest& request);

/// Overrides from environment variables that the schema names; a variable set to nothing counts as not set.
[[nodiscard]] std::vector<Override> overrides_from_environment(const std::function<const char*(const char*)>& getenv);

}  // namespace arngate::config
