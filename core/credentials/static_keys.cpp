#include "core/credentials/static_keys.hpp"

#include "core/aws/keys.hpp"
#include "core/base/secret.hpp"

#include <string_view>

namespace arngate::credentials {

std::expected<aws::Credentials, std::string> take_keys(
    const Setting& access_key_id, Setting& secret_access_key, std::optional<Setting>& session_token
) {
    auto credentials = aws::check_keys(
        {.access_key_id = access_key_id.text,
         .secret_access_key = secret_access_key.text,
         .session_token = session_token ? std::optional<std::string_view>(session_token->text) : std::nullopt,
         .expiration = std::nullopt},
        aws::Completeness::keys_only
    );
    wipe(secret_access_key.text);
    if (session_token) {
        wipe(session_token->text);
    }
    return credentials;
}

}  // namespace arngate::credentials
