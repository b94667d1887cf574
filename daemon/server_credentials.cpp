#include "daemon/server_credentials.hpp"

#include "core/credentials/chain.hpp"
#include "core/net/https_pool.hpp"

#include <chrono>
#include <utility>

namespace arngate {

namespace {

/// Of all calls together, and of a program: the loop of the look-ups stands still meanwhile.
constexpr std::chrono::milliseconds patience{3'000};

}  // namespace

ServerCredentials::ServerCredentials(const Clock& clock, credentials::Environment environment, std::stop_token stop)
    : clock_(clock),
      environment_(std::move(environment)),
      stop_(stop),
      transport_(net::ProxySettings::from_environment(), std::move(stop)),
      kept_(clock, [this] { return resolve(); }) {}

std::expected<aws::Credentials, std::string> ServerCredentials::resolve() {
    credentials::ChainContext context{.environment = environment_, .clock = clock_, .transport = transport_};
    context.child.limit = patience;
    context.child.stop = stop_;
    context.network_budget = patience;
    auto found = credentials::Chain(std::move(context)).resolve().credentials;
    if (!found) {
        return std::unexpected(found.error().text());
    }
    return *std::move(found);
}

}  // namespace arngate
