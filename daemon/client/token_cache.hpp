#pragma once

#include "config/settings.hpp"
#include "core/base/clock.hpp"
#include "core/base/secret.hpp"
#include "core/credentials/environment.hpp"
#include "core/token/mint.hpp"
#include "daemon/client/locked_file.hpp"

#include <chrono>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace arngate::client {

/// A name for the token that these settings and this environment ask for, 64 hex digits: a hash over the cluster, role,
/// region and all that decides whose credentials sign it and for which host, the shared files as they are on disk
/// included. Reads no file.
[[nodiscard]] std::string token_name(
    std::string_view cluster_id, const config::ClientSettings& settings, const credentials::Environment& environment
);

/// Tokens of `token --cache-token`, a file each in a folder of this user alone. A file is replaced as a whole, so that
/// any number of processes see the old token or the new. Blocks.
class TokenCache {
public:
    static constexpr std::size_t max_bytes = std::size_t{64} * 1024;

    /// ARNGATE_TOKEN_CACHE_DIR, else ~/.kube/cache/arngate/tokens; nothing without HOME.
    [[nodiscard]] static std::optional<std::string> folder_of(const credentials::Environment& environment);

    explicit TokenCache(std::string folder) : folder_(std::move(folder)) {}

    /// A token that is good for longer than `margin`; nothing for every other reason. One file is read.
    [[nodiscard]] std::optional<token::MintedToken> find(
        std::string_view name, WallTime now, std::chrono::seconds margin
    ) const;

    /// Keeps others, who wait so long at most, from asking for the same at the same time. Nothing if it cannot be had:
    /// the token is then made all the same.
    [[nodiscard]] std::optional<LockedFile> lock(std::chrono::milliseconds wait) const;

    /// Also takes away what has ended. The error names the folder.
    [[nodiscard]] std::expected<void, std::string> put(
        std::string_view name, const token::MintedToken& token, WallTime now
    ) const;

private:
    [[nodiscard]] std::string path(std::string_view name) const;
    void take_ended_away(WallTime now) const;

    std::string folder_;
};

}  // namespace arngate::client
