#include "daemon/pages/health.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>

namespace arngate::pages {
namespace {

http::Response ask(http::Handler& page, std::string_view query = {}) {
    http::Request request{};
    request.method = "GET";
    request.path = "/readyz";
    request.query = query;
    http::Response response;
    EXPECT_TRUE(page.handle(request, response, {}));
    return response;
}

TEST(HealthPage, IsOkWithoutALineEnd) {
    HealthPage page;
    const http::Response response = ask(page);
    EXPECT_EQ(response.status, 200U);
    EXPECT_EQ(response.body, "ok");
    EXPECT_EQ(response.content_type, "text/plain; charset=utf-8");
    EXPECT_FALSE(response.no_sniff);
}

TEST(HealthChecksPage, IsOkWhenEveryCheckPasses) {
    HealthChecks checks;
    checks.add("mapping", [] { return std::nullopt; });
    checks.add("loop", [] { return std::nullopt; });
    HealthChecksPage page("readyz", checks);
    EXPECT_EQ(ask(page).body, "ok");
    for (const auto* query : {"verbose", "verbose=1", "a=b&verbose", "verbose&a"}) {
        EXPECT_EQ(ask(page, query).body, "[+]mapping ok\n[+]loop ok\nreadyz check passed\n") << query;
    }
    for (const auto* query : {"", "verbos", "verbosely", "a=verbose", "&"}) {
        EXPECT_EQ(ask(page, query).body, "ok") << query;
    }
}

TEST(HealthChecksPage, NamesTheCheckThatFails) {
    HealthChecks checks;
    bool loaded = false;
    checks.add("mapping", [&]() -> std::optional<std::string> {
        return loaded ? std::nullopt : std::optional<std::string>("not loaded yet");
    });
    checks.add("loop", [] { return std::nullopt; });
    HealthChecksPage page("readyz", checks);
    const http::Response response = ask(page);
    EXPECT_EQ(response.status, 503U);
    EXPECT_EQ(response.body, "[-]mapping failed: not loaded yet\n[+]loop ok\nreadyz check failed\n");
    EXPECT_TRUE(response.no_sniff);
    loaded = true;
    EXPECT_EQ(ask(page).status, 200U);
}

TEST(HealthChecksPage, WithoutChecksIsOk) {
    const HealthChecks checks;
    HealthChecksPage page("livez", checks);
    EXPECT_EQ(ask(page, "verbose").body, "livez check passed\n");
}

}  // namespace
}  // namespace arngate::pages
