#pragma once

#include "core/net/https_pool.hpp"
#include "tests/core/net/run_loop.hpp"
#include "tests/core/net/test_certificates.hpp"
#include "tests/core/net/tls_test_server.hpp"

#include <gtest/gtest.h>

#include <fmt/format.h>

#include <chrono>
#include <memory>
#include <string>
#include <utility>

namespace arngate::net::test {

/// A name that only connect-to makes reachable, and a part of the target that must not turn up in any message.
inline constexpr std::string_view server_name = "sts.us-east-1.amazonaws.com";
inline constexpr std::string_view secret_target = "/?X-Amz-Signature=f00dfeed";

/// A deadline that no test is meant to meet.
[[nodiscard]] inline Deadline far_away() {
    return Deadline::after(std::chrono::minutes(5));
}

/// A loop, a TLS server, and pools that find it under `server_name`.
class PoolTest : public ::testing::Test {
protected:
    PoolTest() : server(io, ca().issue({fmt::format("DNS:{}", server_name)})) {}

    [[nodiscard]] static const TestCa& ca() {
        static const TestCa one;
        return one;
    }
    [[nodiscard]] static const std::string& ca_file() {
        static const TemporaryFile file(ca().certificate_pem());
        return file.path();
    }

    [[nodiscard]] HttpsPoolOptions options() const {
        HttpsPoolOptions all;
        all.tls.system_trust = false;
        all.tls.ca_files = {ca_file()};
        all.connect_to = {{.from = {.host = {}, .port = 443}, .to = {.host = "127.0.0.1", .port = server.port()}}};
        all.connect_timeout = std::chrono::minutes(5);
        return all;
    }
    [[nodiscard]] std::unique_ptr<HttpsPool> make_pool(const HttpsPoolOptions& all) {
        return std::make_unique<HttpsPool>(io.get_executor(), make_tls_client(all.tls), all, metrics);
    }

    [[nodiscard]] static HttpRequest get() {
        HttpRequest request;
        request.target = Secret(secret_target);
        return request;
    }
    [[nodiscard]] static Endpoint endpoint() { return {.host = std::string(server_name), .port = 443}; }

    [[nodiscard]] Running<Result<HttpResponse>> start(HttpsPool& pool, Deadline deadline = far_away()) {
        return {io, pool.exchange(endpoint(), get(), deadline)};
    }
    [[nodiscard]] Result<HttpResponse> exchange(HttpsPool& pool, Deadline deadline = far_away()) {
        return start(pool, deadline).get();
    }

    static void expect_ok(const Result<HttpResponse>& result, std::string_view body = "ok") {
        ASSERT_TRUE(result) << result.error().detail;
        EXPECT_EQ(result->status, 200);
        EXPECT_EQ(result->body, body);
    }
    static void expect_failure(const Result<HttpResponse>& result, Reason reason, std::string_view part) {
        ASSERT_FALSE(result);
        EXPECT_EQ(result.error().reason, reason) << result.error().detail;
        EXPECT_TRUE(result.error().detail.contains(part)) << result.error().detail;
        EXPECT_FALSE(result.error().detail.contains("f00dfeed")) << result.error().detail;
    }

    MetricsRegistry registry;
    std::shared_ptr<HttpsPoolMetrics> metrics = std::make_shared<HttpsPoolMetrics>(registry);
    boost::asio::io_context io{1};  // after the registry: requests that end with the loop still count
    TlsTestServer server;
};

}  // namespace arngate::net::test
