#pragma once

#include "tests/core/net/pool_fixture.hpp"

#include "core/kube/api_session.hpp"

#include <fmt/format.h>

#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace arngate::kube::test {

/// A server whose connections carry one request each, so that the n-th request gets the n-th script.
class ApiScript {
public:
    ApiScript(boost::asio::io_context& io, const net::test::TestCa& ca)
        : ca_pem_(ca.certificate_pem()), server_(io, ca.issue({"IP:127.0.0.1"})) {}

    [[nodiscard]] Access access() const {
        Access all;
        all.server = {.host = "127.0.0.1", .port = server_.port()};
        all.tls.system_trust = false;
        all.tls.ca_pem = ca_pem_;
        return all;
    }

    void answer(int status, const std::string& body, const std::string& headers = {}) {
        server_.script({net::test::read(), net::test::send(net::test::answer(status, body, headers + close_line))});
    }
    /// A page of a list.
    void list(std::string_view version, const std::vector<std::string>& items, std::string_view next = {}) {
        answer(
            200,
            fmt::format(
                R"({{"kind":"List","metadata":{{"resourceVersion":"{}","continue":"{}"}},"items":[{}]}})",
                version,
                next,
                fmt::join(items, ",")
            )
        );
    }
    /// A watch that sends these pieces, then goes on with `last`.
    void watch(const std::vector<std::string>& pieces, net::test::Script last) {
        net::test::Script script{net::test::read(), net::test::send(watch_head)};
        for (const std::string& piece : pieces) {
            script.push_back(net::test::send(fmt::format("{:x}\r\n{}\r\n", piece.size(), piece)));
        }
        script.insert(script.end(), last.begin(), last.end());
        server_.script(std::move(script));
    }
    void script(net::test::Script steps) { server_.script(std::move(steps)); }

    [[nodiscard]] net::test::TlsTestServer& server() { return server_; }
    [[nodiscard]] const std::vector<std::string>& requests() const { return server_.requests(); }
    /// The first line of a request.
    [[nodiscard]] std::string line(std::size_t index) const {
        const std::string& request = server_.requests().at(index);
        return request.substr(0, request.find('\r'));
    }

    static constexpr const char* close_line = "Connection: close\r\n";
    static constexpr const char* watch_head =
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";
    static constexpr const char* watch_end = "0\r\n\r\n";

private:
    std::string ca_pem_;
    net::test::TlsTestServer server_;
};

[[nodiscard]] inline std::string object(std::string_view name, std::string_view version, std::string_view more = {}) {
    return fmt::format(
        R"({{"metadata":{{"name":"{}","uid":"u-{}","resourceVersion":"{}"}}{}}})", name, name, version, more
    );
}
[[nodiscard]] inline std::string event(std::string_view type, std::string_view json) {
    return fmt::format("{{\"type\":\"{}\",\"object\":{}}}\n", type, json);
}

}  // namespace arngate::kube::test
