#pragma once

#include "config/document.hpp"
#include "config/problem.hpp"
#include "config/schema.hpp"
#include "config/settings.hpp"
#include "config/value.hpp"

#include <expected>
#include <functional>
#include <map>
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

enum class Purpose {
    server,
    client,      ///< needs no server section to be complete, and does not read it
    inspection,  ///< reads all that is there; nothing has to be complete
};

struct LoadRequest {
    std::string file;  ///< empty: none. The extension says the format: yaml, yml, json, toml, env, dotenv
    std::vector<Override> overrides;
    Profile default_profile = Profile::arngate;
    Purpose purpose = Purpose::server;
};

/// The value of each key that was read and holds neither entries nor a secret, by its path in the schema; nothing where
/// there is no default either.
using EffectiveValues = std::map<std::string_view, std::optional<Value>>;

struct Loaded {
    Settings settings;
    Problems warnings;  ///< unknown keys with the nearest known one, obsolete keys, doubtful entries
    EffectiveValues values{};
};

/// The keys whose values differ and that act only at a start, in the order of the schema.
[[nodiscard]] std::vector<const Key*> keys_that_need_a_restart(
    const EffectiveValues& running, const EffectiveValues& fresh
);

/// Reads, merges and checks. Either complete settings or every problem found; never something in between. The size of
/// the file is bounded (64 MiB).
[[nodiscard]] std::expected<Loaded, Problems> load(const LoadRequest& request);

/// As `load`, of text that is in memory already; `request.file` names it and its format. `place_in_file` as for
/// parse_document. Frees the text once it is parsed.
[[nodiscard]] std::expected<Loaded, Problems> load_text(
    const LoadRequest& request, std::string text, const PlaceInFile& place_in_file = {}
);

/// Overrides from environment variables that the schema names; a variable set to nothing counts as not set, and so does
/// one that Kubernetes made for a Service (is_service_link).
[[nodiscard]] std::vector<Override> overrides_from_environment(const std::function<const char*(const char*)>& getenv);

}  // namespace arngate::config
