#pragma once

#include "config/settings.hpp"
#include "core/base/clock.hpp"
#include "core/credentials/environment.hpp"
#include "core/credentials/terminal_prompt.hpp"
#include "core/credentials/transport.hpp"
#include "core/token/mint.hpp"

#include <expected>
#include <functional>
#include <string>
#include <string_view>

namespace arngate::client {

/// What a token is made with. All of it outlives the call.
struct TokenMeans {
    const credentials::Environment& environment;
    const Clock& clock;
    credentials::Transport& transport;
    credentials::MfaPrompt mfa_prompt{};
    std::function<void(std::string_view)> warn{};  ///< of what goes on all the same
};

/// A token for a cluster: the token cache if the settings ask for it, else credentials of the chain or the credential
/// cache, the role that is asked for on top, and a signature. Blocks. The error is for people: what was asked, what it
/// said, the next step. Decisions are logged at level debug.
[[nodiscard]] std::expected<token::MintedToken, std::string> make_token(
    const std::string& cluster_id, const config::ClientSettings& settings, const TokenMeans& means
);

}  // namespace arngate::client
