#pragma once

#include "config/document.hpp"
#include "core/aws/credentials.hpp"
#include "core/base/clock.hpp"
#include "core/base/secret.hpp"
#include "core/credentials/environment.hpp"

#include <chrono>
#include <cstddef>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

namespace arngate::client {

/// What an entry is kept under. The role is that of --role, empty without one; what is kept are the credentials that
/// it would be assumed with, never its own.
struct CredentialCacheKey {
    std::string cluster_id;
    std::string profile;
    std::string role_arn;
};

/// The content of the file, which aws-iam-authenticator reads and writes too: YAML, `clusters` → cluster id → profile →
/// role → an entry. Pure.
class CredentialCacheDocument {
public:
    CredentialCacheDocument() = default;
    CredentialCacheDocument(CredentialCacheDocument&&) = default;
    CredentialCacheDocument& operator=(CredentialCacheDocument&&) = default;
    CredentialCacheDocument(const CredentialCacheDocument&) = delete;
    CredentialCacheDocument& operator=(const CredentialCacheDocument&) = delete;
    ~CredentialCacheDocument();  ///< wipes

    /// An empty text is an empty cache. The error shows nothing of the text.
    [[nodiscard]] static std::expected<CredentialCacheDocument, std::string> parse(std::string_view text);

    /// Only entries with both keys and an end.
    [[nodiscard]] std::optional<aws::Credentials> find(const CredentialCacheKey& key) const;
    /// Keeps credentials that end, in place of what was there; all else stays, entries that have long ended apart.
    void put(const CredentialCacheKey& key, const aws::Credentials& credentials, WallTime now);
    [[nodiscard]] Secret to_yaml() const;

private:
    config::Node root_;  ///< null, or a map
};

/// The credential cache of `token --cache`. Blocks on the file and, for at most a second, on its lock. Errors name the
/// file and never show its content.
class CredentialCache {
public:
    static constexpr std::size_t max_bytes = std::size_t{1} * 1024 * 1024;
    static constexpr std::chrono::milliseconds default_wait{1'000};

    /// AWS_IAM_AUTHENTICATOR_CACHE_FILE, else ~/.kube/cache/aws-iam-authenticator/credentials.yaml; nothing without
    /// HOME.
    [[nodiscard]] static std::optional<std::string> file_of(const credentials::Environment& environment);

    explicit CredentialCache(std::string file, std::chrono::milliseconds wait = default_wait)
        : file_(std::move(file)), wait_(wait) {}

    /// Nothing if there is no file or no entry.
    [[nodiscard]] std::expected<std::optional<aws::Credentials>, std::string> find(const CredentialCacheKey& key) const;
    /// Makes file and folders where they are missing. Content that cannot be read is replaced.
    [[nodiscard]] std::expected<void, std::string> put(
        const CredentialCacheKey& key, const aws::Credentials& credentials, WallTime now
    ) const;

private:
    std::string file_;
    std::chrono::milliseconds wait_;
};

}  // namespace arngate::client
