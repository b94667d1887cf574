#include "daemon/http/router.hpp"

#include "daemon/http/answers.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <optional>
#include <stdexcept>
#include <string>

namespace arngate::http {
namespace {

class Says final : public Handler {
public:
    bool handle(const Request& request, Response& response, const Defer& defer) override {
        if (request.query == "throw") {
            throw std::runtime_error("secret");
        }
        if (request.query == "later") {
            later = defer(7);
            return false;
        }
        response.body = "said";
        return true;
    }
    Completion later;
};

class RouterTest : public ::testing::Test {
protected:
    Response ask(std::string_view path, std::string_view query = {}) {
        Request request{};
        request.method = "GET";
        request.path = path;
        request.query = query;
        Response response;
        answered = router->handle(request, response, [this](std::size_t bytes) -> Completion {
            expected_bytes = bytes;
            return [this](Response late) { completed = std::move(late); };
        });
        return response;
    }

    [[nodiscard]] std::uint64_t counted(std::string_view path, std::string_view code) {
        return metrics->requests.with({path, code}).value();
    }

    MetricsRegistry registry;
    std::shared_ptr<HttpMetrics> metrics = std::make_shared<HttpMetrics>(registry);
    std::unique_ptr<Router> router = std::make_unique<Router>(metrics);
    bool answered = false;
    std::optional<Response> completed;
    std::size_t expected_bytes = 0;
};

TEST_F(RouterTest, SendsExactPathsToTheirHandler) {
    Says says;
    router->add("/a", says);
    EXPECT_EQ(ask("/a").body, "said");
    EXPECT_EQ(counted("/a", "200"), 1U);
    for (const auto* path : {"/a/", "/A", "/ab", "/", "/a%2f", "/%61"}) {
        const Response response = ask(path);
        EXPECT_EQ(response.status, 404U) << path;
        EXPECT_EQ(response.body, "404 page not found\n");
        EXPECT_EQ(response.content_type, plain_text);
        EXPECT_TRUE(response.no_sniff);
    }
    EXPECT_EQ(counted("other", "404"), 6U);
}

TEST_F(RouterTest, RedirectsUncleanPaths) {
    Says says;
    router->add("/a", says);
    const Response response = ask("//a", "q=1");
    EXPECT_EQ(response.status, 307U);
    EXPECT_EQ(response.location, "/a?q=1");
    EXPECT_TRUE(response.body.empty());
    EXPECT_TRUE(response.content_type.empty());
    EXPECT_EQ(ask("/./a").location, "/a");
    EXPECT_EQ(ask("/x/../a/").location, "/a/");
}

TEST_F(RouterTest, NeverRedirectsToAnotherHost) {
    for (const auto* path :
         {"//evil.example",
          "///evil.example",
          "/.//evil.example",
          "/..//evil.example",
          "/./\\evil.example",
          "//\\evil.example"}) {
        const std::string location = ask(path).location;
        ASSERT_TRUE(location.starts_with('/')) << path;
        EXPECT_FALSE(location.starts_with("//")) << path;
        EXPECT_FALSE(location.starts_with("/\\")) << path;
    }
}

TEST_F(RouterTest, FallbackServesEverythingElse) {
    Says says;
    router->set_fallback(says);
    EXPECT_EQ(ask("/x").body, "said");
    EXPECT_EQ(ask("//x").body, "said");
}

TEST_F(RouterTest, AThrowBecomesA500WithoutItsText) {
    Says says;
    router->add("/a", says);
    const Response response = ask("/a", "throw");
    EXPECT_TRUE(answered);
    EXPECT_EQ(response.status, 500U);
    EXPECT_EQ(response.body, "internal error\n");
    EXPECT_EQ(counted("/a", "500"), 1U);
}

TEST_F(RouterTest, CountsLateAnswersEvenAfterItsOwnEnd) {
    Says says;
    router->add("/a", says);
    ask("/a", "later");
    EXPECT_EQ(expected_bytes, 7U);
    EXPECT_FALSE(answered);
    EXPECT_EQ(counted("/a", "429"), 0U);
    router.reset();
    Response late;
    late.status = 429;
    says.later(std::move(late));
    ASSERT_TRUE(completed);
    EXPECT_EQ(completed->status, 429U);
    EXPECT_EQ(counted("/a", "429"), 1U);
}

TEST(CleanPath, IsWhatGoCallsClean) {
    EXPECT_EQ(clean_path("/"), "/");
    EXPECT_EQ(clean_path("//"), "/");
    EXPECT_EQ(clean_path("/a"), "/a");
    EXPECT_EQ(clean_path("/a/"), "/a/");
    EXPECT_EQ(clean_path("/a//b"), "/a/b");
    EXPECT_EQ(clean_path("/a/./b/"), "/a/b/");
    EXPECT_EQ(clean_path("/a/../b"), "/b");
    EXPECT_EQ(clean_path("/../../b"), "/b");
    EXPECT_EQ(clean_path("/a/.."), "/");
    EXPECT_EQ(clean_path("/a/."), "/a");
    EXPECT_EQ(clean_path("/.../a"), "/.../a");
}

}  // namespace
}  // namespace arngate::http
