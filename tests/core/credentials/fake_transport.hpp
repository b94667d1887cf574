#pragma once

#include "core/credentials/transport.hpp"
#include "core/net/endpoint.hpp"

#include <gtest/gtest.h>

#include <fmt/format.h>

#include <chrono>
#include <deque>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace arngate::credentials {

/// Answers what it was told to, in order, and remembers what it was asked.
class FakeTransport final : public Transport {
public:
    struct Seen {
        bool tls = false;
        std::string host;  ///< with the port
        std::string method;
        std::string target;
        std::string headers;  ///< "name: value", a line each
        std::string body;
        std::string ca_bundle;
        std::chrono::milliseconds limit{};
    };

    void answer(int status, std::string body, std::string date = {}) {
        net::HttpResponse response{.status = status, .content_type = {}, .body = std::move(body)};
        response.date = std::move(date);
        answers_.emplace_back(std::move(response));
    }
    void fail(CallFailure::Kind kind, std::string what) {
        answers_.emplace_back(std::unexpected(CallFailure{.kind = kind, .what = std::move(what)}));
    }

    std::expected<net::HttpResponse, CallFailure> exchange(HttpCall call) override {
        Seen seen{
            .tls = call.tls,
            .host = net::authority(call.endpoint),
            .method = std::string(call.request.method),
            .target = std::string(call.request.target.expose()),
            .headers = {},
            .body = call.request.body.value_or(""),
            .ca_bundle = call.ca_bundle,
            .limit = call.limit
        };
        for (const auto& [name, value] : call.request.headers) {
            seen.headers += fmt::format("{}: {}\n", name, value);
        }
        calls.push_back(std::move(seen));
        if (before_answer) {
            before_answer();
        }
        if (answers_.empty()) {
            ADD_FAILURE() << "nobody expected to be asked";
            return std::unexpected(CallFailure{.kind = CallFailure::Kind::impossible, .what = "unexpected"});
        }
        auto next = std::move(answers_.front());
        answers_.pop_front();
        return next;
    }
    void pause(std::chrono::milliseconds) override { ++pauses; }

    std::function<void()> before_answer;  ///< what happens while the answer is waited for
    std::vector<Seen> calls;
    int pauses = 0;

private:
    std::deque<std::expected<net::HttpResponse, CallFailure>> answers_;
};

/// What STS answers to AssumeRole.
inline std::string assumed(std::string_view key_id, std::string_view end, std::string_view action = "AssumeRole") {
    return fmt::format(
        "<{0}Response><{0}Result><Credentials><AccessKeyId>{1}</AccessKeyId><SecretAccessKey>s</SecretAccessKey>"
        "<SessionToken>t</SessionToken><Expiration>{2}</Expiration></Credentials></{0}Result></{0}Response>",
        action,
        key_id,
        end
    );
}

}  // namespace arngate::credentials
