#pragma once

#include "core/aws/credentials.hpp"
#include "core/base/clock.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <chrono>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

/// The credentials of the role that an EC2 instance has.
/// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instance-metadata-security-credentials.html
namespace arngate::sts {

/// What the metadata service says of a role: JSON with Code "Success", AccessKeyId, SecretAccessKey, Token and
/// Expiration, each once. The body is wiped. The error shows nothing of it.
[[nodiscard]] std::expected<aws::Credentials, std::string> parse_instance_credentials(std::string& body);

/// A session, the name of the instance's role, its credentials: three requests, `limit` for each. Blocks. The error
/// says which of them failed and how.
[[nodiscard]] std::expected<aws::Credentials, std::string> ask_instance_credentials(
    const boost::asio::ip::tcp::endpoint& service, std::chrono::milliseconds limit
);

struct InstanceCredentialsOptions {
    std::chrono::seconds refresh_before{5 * 60};  ///< fresh credentials are asked for so long before the old ones end
    /// So long before their end, old ones are not given any more: more than whoever gets them keeps them.
    std::chrono::seconds never_given_after{2 * 60};
    std::chrono::seconds ask_again{10};  ///< the service is asked once in this time, whatever it says
};

/// Keeps an instance's credentials until shortly before they end. Those that are still good are given on when fresh
/// ones cannot be had; a failure is remembered until the service may be asked again. Not thread-safe.
class InstanceCredentials {
public:
    using Ask = std::function<std::expected<aws::Credentials, std::string>()>;

    /// The clock must outlive the object. `ask` may block; its error is for people and holds no secret.
    InstanceCredentials(const Clock& clock, Ask ask, InstanceCredentialsOptions options = {})
        : clock_(clock), ask_(std::move(ask)), options_(options) {}

    /// Never null. Blocks while the service is asked.
    [[nodiscard]] std::expected<std::shared_ptr<const aws::Credentials>, std::string> get();
    /// AWS refused what was given: fresh ones are asked for as soon as the service may be asked.
    void refused() noexcept { refused_ = true; }

private:
    void ask();
    [[nodiscard]] bool is_good_for(std::chrono::seconds span) const;

    const Clock& clock_;
    Ask ask_;
    InstanceCredentialsOptions options_;
    std::shared_ptr<const aws::Credentials> current_;
    bool refused_ = false;
    std::optional<SteadyTime> asked_at_;
    std::string failure_;  ///< of the last time the service was asked; empty when it answered
};

}  // namespace arngate::sts
