// What a container service answers.

#include "core/credentials/container_source.hpp"
#include "tests/fuzz/check.hpp"

#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace arngate;
    using fuzz::check;
    std::string body(fuzz::text_of(data, size));
    const auto credentials = credentials::parse_container_credentials(body);
    check(body.empty());
    if (!credentials) {
        check(!credentials.error().empty() && credentials.error().size() <= 80);
        return 0;
    }
    check(!credentials->access_key_id.empty() && !credentials->secret_access_key.empty());
    check(!credentials->session_token.empty() && credentials->expires_at.has_value());
    return 0;
}
