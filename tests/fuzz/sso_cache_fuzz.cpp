// The token cache of SSO, and what the SSO portal answers.

#include "core/credentials/sso_source.hpp"
#include "core/credentials/sso_token.hpp"
#include "tests/fuzz/check.hpp"

#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace arngate;
    using fuzz::check;
    std::string body(fuzz::text_of(data, size));
    const auto cache = credentials::SsoCache::parse(Secret(body));
    if (cache) {
        check(!cache->access_token().empty());
        static_cast<void>(cache->may_refresh(cache->expires_at));
        // What is written is read again as the same.
        const auto again = credentials::SsoCache::parse(cache->document.to_json());
        check(again && again->access_token() == cache->access_token() && again->expires_at == cache->expires_at);
    } else {
        check(cache.error().size() <= 80);
    }
    const auto credentials = credentials::parse_role_credentials(body);
    check(body.empty());
    check(!credentials || (!credentials->session_token.empty() && credentials->expires_at.has_value()));
    return 0;
}
