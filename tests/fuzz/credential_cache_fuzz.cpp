// The credential cache that the Go program writes too, read, added to and read again.

#include "daemon/client/credential_cache.hpp"
#include "tests/fuzz/check.hpp"

#include <chrono>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace arngate;
    using fuzz::check;
    const client::CredentialCacheKey key{.cluster_id = "c", .profile = "default", .role_arn = ""};
    const client::CredentialCacheKey own{.cluster_id = "own", .profile = "p", .role_arn = "r"};
    auto document = client::CredentialCacheDocument::parse(fuzz::text_of(data, size));
    if (!document) {
        check(document.error().size() <= 80);
        return 0;
    }
    const auto found = document->find(key);
    check(!found || (!found->access_key_id.empty() && !found->secret_access_key.empty() && found->expires_at));
    aws::Credentials credentials;
    credentials.access_key_id = "ASIAEXAMPLE000000000";
    credentials.secret_access_key = Secret("secret");
    credentials.expires_at = WallTime(std::chrono::hours(24 * 365 * 60));
    // Long ago, so that nothing else is taken out.
    document->put(own, credentials, WallTime(-std::chrono::hours(24 * 365 * 200)));
    const auto again = client::CredentialCacheDocument::parse(document->to_yaml().expose());
    check(again.has_value());
    check(again->find(own).has_value());
    const auto same = again->find(key);
    check(found.has_value() == same.has_value());
    check(
        !found || (same->access_key_id == found->access_key_id &&
                   same->secret_access_key.expose() == found->secret_access_key.expose() &&
                   same->session_token.expose() == found->session_token.expose())
    );
    return 0;
}
