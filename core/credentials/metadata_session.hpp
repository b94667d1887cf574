#pragma once

#include "core/base/secret.hpp"
#include "core/credentials/transport.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

/// Questions to the instance metadata service of EC2, for whoever has them.
/// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html
namespace arngate::credentials {

/// Sends one request, made anew for each attempt, and gives the answer of any status. How often it is tried is the
/// caller's to decide.
using AskMetadata = std::function<std::expected<net::HttpResponse, CallFailure>(const std::function<HttpCall()>& make)>;

/// Whether questions may be asked without a session (IMDSv1) where the service gives none.
enum class MetadataV1 : std::uint8_t { forbidden, allowed };

/// A session of IMDSv2, good for a minute: questions that follow each other. Errors say what went wrong and show
/// nothing of what the service sent.
class MetadataSession {
public:
    /// `limit` is for each request, everything included. With IMDSv1 allowed, success may mean that there is no session
    /// and need be none: `without_session` then says why. Where nobody is, or the service finds the request wrong,
    /// IMDSv1 would be in vain and is not tried.
    [[nodiscard]] static std::expected<MetadataSession, std::string> open(
        AskMetadata ask, net::Endpoint service, std::chrono::milliseconds limit, MetadataV1 v1
    );

    /// Why questions are asked without a session, if they are.
    [[nodiscard]] const std::optional<std::string>& without_session() const noexcept { return without_session_; }

    /// The body of a 200 at /latest/meta-data/`path`, not checked but for its length. `path` goes out as it is: the
    /// caller vouches for its characters. The text may be a secret, which is then the caller's to wipe.
    [[nodiscard]] std::expected<std::string, std::string> get(std::string_view path, std::size_t max_bytes) const;

private:
    MetadataSession(AskMetadata ask, net::Endpoint service, std::chrono::milliseconds limit);

    [[nodiscard]] std::expected<net::HttpResponse, CallFailure> ask_for_session() const;
    [[nodiscard]] HttpCall call_to(std::string_view target, std::size_t max_bytes) const;

    AskMetadata ask_;
    net::Endpoint service_;
    std::chrono::milliseconds limit_;
    Secret token_;
    std::optional<std::string> without_session_;
};

}  // namespace arngate::credentials
