#include "core/kube/api_client.hpp"

#include "tests/core/net/pool_fixture.hpp"

#include <fstream>
#include <string>
#include <utility>

namespace arngate::kube {
namespace {

using net::test::answer;
using net::test::far_away;
using net::test::read;
using net::test::send;

class ApiClientTest : public net::test::PoolTest {
protected:
    ApiClientTest() : api(io, ca().issue({"IP:127.0.0.1"})) {}

    [[nodiscard]] Access access() const {
        Access all;
        all.server = {.host = "127.0.0.1", .port = api.port()};
        all.path_prefix = "/prefix";
        all.tls.system_trust = false;
        all.tls.ca_pem = ca().certificate_pem();
        return all;
    }
    [[nodiscard]] ApiResult get(Access all) {
        ApiClient client(io.get_executor(), std::move(all), {}, metrics);
        auto result = net::test::run(io, client.get("/api", far_away()));
        client.close();
        return result;
    }

    net::test::TlsTestServer api;
};

TEST_F(ApiClientTest, SendsTheTokenUnderThePrefix) {
    Access all = access();
    all.token = Secret("abc");
    const auto result = get(std::move(all));
    ASSERT_TRUE(result) << result.error().detail;
    EXPECT_EQ(*result, "ok");
    ASSERT_EQ(api.requests().size(), 1U);
    EXPECT_TRUE(api.requests()[0].starts_with("GET /prefix/api HTTP/1.1\r\n")) << api.requests()[0];
    EXPECT_TRUE(api.requests()[0].contains("\r\nAuthorization: Bearer abc\r\n"));
}

TEST_F(ApiClientTest, ReadsTheTokenFileForEachRequest) {
    const net::test::TemporaryFile file("one\n");
    Access all = access();
    all.token_file = file.path();
    ApiClient client(io.get_executor(), std::move(all), {}, metrics);
    ASSERT_TRUE(net::test::run(io, client.get("/api", far_away())));
    std::ofstream(file.path(), std::ios::trunc) << "two";
    ASSERT_TRUE(net::test::run(io, client.get("/api", far_away())));
    std::ofstream(file.path(), std::ios::trunc) << "not a token";
    const auto bad = net::test::run(io, client.get("/api", far_away()));
    client.close();
    ASSERT_FALSE(bad);
    EXPECT_EQ(bad.error().fault, Fault::unusable);
    ASSERT_EQ(api.requests().size(), 2U);
    EXPECT_TRUE(api.requests()[0].contains("Bearer one\r\n"));
    EXPECT_TRUE(api.requests()[1].contains("Bearer two\r\n"));
}

TEST_F(ApiClientTest, RunsThePluginOnceMoreAfterA401AndNoMore) {
    const net::test::TemporaryFile count("");
    ExecPlugin plugin;
    plugin.command = "/bin/sh";
    plugin.api_version = "client.authentication.k8s.io/v1";
    plugin.args = {
        "-c",
        "echo x >> " + count.path() + "; n=$(wc -l < " + count.path() +
            R"(); echo "{\"kind\":\"ExecCredential\",\"apiVersion\":\"client.authentication.k8s.io/v1\",\"status\":{\"token\":\"t$n\"}}")"
    };
    api.script({read(), send(answer(401, "{}"))});
    api.script({read(), send(answer(401, "{}"))});
    Access all = access();
    all.exec = std::move(plugin);
    const auto result = get(std::move(all));
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().fault, Fault::unauthorized);
    ASSERT_EQ(api.requests().size(), 2U);
    EXPECT_TRUE(api.requests()[0].contains("Bearer t1\r\n")) << api.requests()[0];
    EXPECT_TRUE(api.requests()[1].contains("Bearer t2\r\n")) << api.requests()[1];
}

TEST_F(ApiClientTest, PutsJson) {
    ApiClient client(io.get_executor(), access(), {}, metrics);
    api.script({read(), send(answer(409, R"({"kind":"Status","message":"changed"})"))});
    const auto result = net::test::run(io, client.put("/api", "{\"a\":1}", far_away()));
    client.close();
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().fault, Fault::conflict);
    EXPECT_EQ(result.error().server_message, "changed");
    ASSERT_EQ(api.requests().size(), 1U);
    EXPECT_TRUE(api.requests()[0].starts_with("PUT /prefix/api "));
    EXPECT_TRUE(api.requests()[0].ends_with("Content-Length: 7\r\n\r\n{\"a\":1}")) << api.requests()[0];
}

TEST_F(ApiClientTest, SaysWhatItCannotUseOrReach) {
    Access broken = access();
    broken.tls.ca_pem = "no PEM";
    const auto unusable = get(std::move(broken));
    ASSERT_FALSE(unusable);
    EXPECT_EQ(unusable.error().fault, Fault::unusable);
    Access other = access();
    other.tls.ca_pem = net::test::TestCa().certificate_pem();
    const auto unreachable = get(std::move(other));
    ASSERT_FALSE(unreachable);
    EXPECT_EQ(unreachable.error().fault, Fault::unreachable);
}

}  // namespace
}  // namespace arngate::kube
