// What the instance metadata says of a role.

#include "core/credentials/instance_source.hpp"
#include "tests/fuzz/check.hpp"

#include <algorithm>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using arngate::fuzz::check;
    std::string body(arngate::fuzz::text_of(data, size));
    const auto credentials = arngate::credentials::parse_instance_credentials(body);
    check(body.empty());
    if (!credentials) {
        check(!credentials.error().empty() && credentials.error().size() <= 80);
        return 0;
    }
    check(credentials->expires_at.has_value());
    for (const std::string_view text :
         {std::string_view(credentials->access_key_id),
          credentials->secret_access_key.expose(),
          credentials->session_token.expose()}) {
        check(!text.empty());
        check(std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7f'; }));
    }
    return 0;
}
