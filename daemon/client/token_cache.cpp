#include "daemon/client/token_cache.hpp"

#include "core/aws/sigv4.hpp"
#include "core/aws/timestamp.hpp"
#include "core/credentials/json_document.hpp"
#include "core/credentials/secret_file.hpp"
#include "core/token/presigned_url.hpp"

#include <fmt/format.h>

#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <ctime>
#include <filesystem>
#include <system_error>

namespace arngate::client {

namespace {

/// Changed whenever what a name stands for changes.
constexpr std::string_view format_version = "1";
constexpr std::string_view extension = ".json";
/// Files looked at when one is written. There are as many as clusters and roles in use.
constexpr int max_files_seen = 1'000;

/// All that decides about credentials and hosts: docs/credentials.md.
constexpr auto deciding_variables = std::to_array<const char*>(
    {"AWS_ACCESS_KEY_ID",
     "AWS_ACCESS_KEY",
     "AWS_SECRET_ACCESS_KEY",
     "AWS_SECRET_KEY",
     "AWS_SESSION_TOKEN",
     "AWS_SECURITY_TOKEN",
     "AWS_CREDENTIAL_EXPIRATION",
     "AWS_PROFILE",
     "AWS_DEFAULT_PROFILE",
     "AWS_WEB_IDENTITY_TOKEN_FILE",
     "AWS_ROLE_ARN",
     "AWS_ROLE_SESSION_NAME",
     "AWS_LOGIN_CACHE_DIRECTORY",
     "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
     "AWS_CONTAINER_CREDENTIALS_FULL_URI",
     "AWS_CONTAINER_AUTHORIZATION_TOKEN",
     "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
     "AWS_EC2_METADATA_DISABLED",
     "AWS_EC2_METADATA_SERVICE_ENDPOINT",
     "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE",
     "AWS_REGION",
     "AWS_DEFAULT_REGION",
     "AWS_STS_REGIONAL_ENDPOINTS",
     "AWS_USE_FIPS_ENDPOINT",
     "AWS_USE_DUALSTACK_ENDPOINT",
     "AWS_ENDPOINT_URL",
     "AWS_ENDPOINT_URL_STS",
     "AWS_ENDPOINT_URL_SSO",
     "AWS_ENDPOINT_URL_SSO_OIDC",
     "AWS_ENDPOINT_URL_SIGNIN",
     "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
     "HOME",
     "PATH"}
);

/// Texts one after the other, each with its length, so that no two lists give the same bytes.
class Bytes {
public:
    Bytes() = default;
    Bytes(const Bytes&) = delete;
    Bytes& operator=(const Bytes&) = delete;
    ~Bytes() { wipe(bytes_); }

    void add(std::string_view text) { bytes_ += fmt::format("{}:{};", text.size(), text); }
    /// What tells a file from the one that was there before, and from none.
    void add_file(const std::string& path) {
        struct stat status{};
        add(path);
        if (::stat(path.c_str(), &status) == 0) {
            add(fmt::format("{}.{}.{}.{}", status.st_ino, status.st_size, status.st_mtim.tv_sec, status.st_mtim.tv_nsec)
            );
        }
    }
    [[nodiscard]] std::string hash() const { return aws::sha256_hex(bytes_); }

private:
    std::string bytes_;
};

std::string file_at(const credentials::Environment& environment, const char* name, std::string_view in_home) {
    const std::string file = credentials::variable(environment, name);
    return file.empty() ? credentials::variable(environment, "HOME") + std::string(in_home)
                        : credentials::expand_home(environment, file);
}

}  // namespace

std::string token_name(
    std::string_view cluster_id, const config::ClientSettings& settings, const credentials::Environment& environment
) {
    Bytes bytes;
    bytes.add(format_version);
    bytes.add(cluster_id);
    bytes.add(settings.region);
    bytes.add(settings.role);
    bytes.add(settings.external_id);
    bytes.add(settings.session_name);
    bytes.add(settings.forward_session_name ? "forward" : "");
    for (const char* name : deciding_variables) {
        const char* value = environment(name);
        bytes.add(value == nullptr ? "unset" : "set");
        bytes.add(value == nullptr ? "" : value);
    }
    bytes.add_file(file_at(environment, "AWS_CONFIG_FILE", "/.aws/config"));
    bytes.add_file(file_at(environment, "AWS_SHARED_CREDENTIALS_FILE", "/.aws/credentials"));
    return bytes.hash();
}

std::optional<std::string> TokenCache::folder_of(const credentials::Environment& environment) {
    std::string folder = credentials::variable(environment, "ARNGATE_TOKEN_CACHE_DIR");
    const std::string home = credentials::variable(environment, "HOME");
    if (folder.empty() && !home.empty()) {
        folder = home + "/.kube/cache/arngate/tokens";
    }
    return folder.empty() ? std::nullopt : std::optional(std::move(folder));
}

std::string TokenCache::path(std::string_view name) const {
    return fmt::format("{}/{}{}", folder_, name, extension);
}

std::optional<token::MintedToken> TokenCache::find(std::string_view name, WallTime now, std::chrono::seconds margin)
    const {
    const auto file = LockedFile::open(path(name), Lock::shared, {});
    if (!file || !*file) {
        return std::nullopt;
    }
    auto content = (*file)->read(max_bytes);
    if (!content) {
        return std::nullopt;
    }
    const auto document = credentials::JsonDocument::parse(*std::move(content), max_bytes);
    if (!document) {
        return std::nullopt;
    }
    const auto end = aws::parse_timestamp(document->text("expires").value_or(""));
    const std::string_view text = document->text("token").value_or("");
    // One that lasts longer than any token was made under another clock.
    if (!end || !text.starts_with(token::token_prefix) || *end <= now + margin ||
        *end > now + token::advertised_lifetime) {
        return std::nullopt;
    }
    return token::MintedToken{.token = Secret(text), .expires_at = *end};
}

std::optional<LockedFile> TokenCache::lock(std::chrono::milliseconds wait) const {
    const std::string file = folder_ + "/lock";
    make_folders_of(file);
    auto locked = LockedFile::open(file, Lock::exclusive, wait);
    return locked ? *std::move(locked) : std::nullopt;
}

std::expected<void, std::string> TokenCache::put(std::string_view name, const token::MintedToken& token, WallTime now)
    const {
    const std::string file = path(name);
    make_folders_of(file);
    take_ended_away(now);
    credentials::JsonDocument document;
    document.set_text("expires", aws::format_timestamp(token.expires_at));
    document.set_text("token", token.token.expose());
    const auto written = credentials::replace_secret_file(file, document.to_json());
    if (!written) {
        return std::unexpected(fmt::format("the token cache {} cannot be written: {}", folder_, written.error()));
    }
    return {};
}

void TokenCache::take_ended_away(WallTime now) const {
    const std::time_t old = WallTime::clock::to_time_t(now - token::advertised_lifetime);
    std::error_code failure;
    int seen = 0;
    for (std::filesystem::directory_iterator entry(folder_, failure), end; !failure && entry != end;
         entry.increment(failure)) {
        const std::string file = entry->path().string();
        struct stat status{};
        // Also what a process that was killed left half written.
        if (file.contains(extension) && ::lstat(file.c_str(), &status) == 0 && S_ISREG(status.st_mode) &&
            status.st_mtim.tv_sec < old) {
            ::unlink(file.c_str());
        }
        if (++seen == max_files_seen) {
            break;
        }
    }
}

}  // namespace arngate::client
