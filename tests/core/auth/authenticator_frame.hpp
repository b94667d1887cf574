#pragma once

#include "core/auth/authenticator.hpp"
#include "core/base/log.hpp"
#include "tests/core/auth/example_token.hpp"
#include "tests/core/auth/fake_verifier.hpp"
#include "tests/support/manual_clock.hpp"

#include <gtest/gtest.h>
#include <boost/asio/io_context.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace arngate::auth {

/// An authenticator of one loop that the test runs.
class AuthenticatorFrame : public testing::Test {
protected:
    AuthenticatorFrame() {
        sts::CallerIdentity identity;
        identity.user_id = "AROACKCEVSQ6C2EXAMPLE";
        verifier.answer = identity;
        make();
    }
    ~AuthenticatorFrame() override { log::set_sink({}); }

    void make(std::size_t max_pending = 8192) {
        AuthenticatorOptions options;
        options.rules.hosts = &hosts;
        options.max_pending = max_pending;
        authenticator =
            std::make_unique<Authenticator>(loop.get_executor(), clock, options, *knowledge, verifier, registry);
    }
    /// Begins anew with other stores.
    void know(const KnowledgeOptions& options) {
        authenticator.reset();
        knowledge = std::make_unique<Knowledge>(options, registry);
        make();
    }
    /// Begins anew with a cache that keeps what is stale.
    void keep_stale() {
        KnowledgeOptions options;
        options.cache.keep_stale = true;
        know(options);
    }
    /// Proves with a `later` that notes what it gets.
    std::optional<Proof> prove(std::string_view text) {
        return authenticator->prove(text, [this](Proof proof) { answers.push_back(std::move(proof)); });
    }
    std::optional<Proof> prove() { return prove(token); }
    /// Runs all that is ready.
    void poll() {
        loop.restart();
        loop.poll();
    }
    void answer_calls() {
        poll();
        verifier.open();
        poll();
        verifier.shut();
    }
    double pending_gauge() { return registry.gauge("arngate_reviews_pending", "").value(); }
    static Reason reason(const std::optional<Proof>& proof) {
        return !proof ? Reason::internal_error : proof->identity ? Reason::none : proof->identity.error().reason;
    }

    const std::string token = token_of("00");
    boost::asio::io_context loop{1};
    ManualClock clock;
    MetricsRegistry registry;
    aws::StsHostTable hosts = aws::StsHostTable::build({}).value();
    std::unique_ptr<Knowledge> knowledge = std::make_unique<Knowledge>(KnowledgeOptions{}, registry);
    FakeVerifier verifier{loop.get_executor()};
    std::vector<Proof> answers;
    std::unique_ptr<Authenticator> authenticator;
};

}  // namespace arngate::auth
