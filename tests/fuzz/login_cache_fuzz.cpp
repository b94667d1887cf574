// The cache of a console sign-in, and what the sign-in service answers.

#include "core/credentials/login_source.hpp"
#include "tests/fuzz/check.hpp"

#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace arngate;
    using fuzz::check;
    std::string body(fuzz::text_of(data, size));
    auto cache = credentials::parse_login_cache(Secret(body));
    if (cache) {
        const auto before = credentials::login_credentials(*cache);
        check(before.has_value());
        const auto again = credentials::parse_login_cache(cache->to_json());
        check(again && credentials::login_credentials(*again)->access_key_id == before->access_key_id);
    } else {
        check(cache.error().size() <= 80);
    }
    credentials::JsonDocument empty;
    const auto applied = credentials::apply_login_answer(body, empty, WallTime{});
    check(body.empty());
    check(applied.has_value() == credentials::login_credentials(empty).has_value());
    return 0;
}
