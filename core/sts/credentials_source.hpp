#pragma once

#include "core/aws/credentials.hpp"
#include "core/base/clock.hpp"
#include "core/base/deadline.hpp"
#include "core/base/result.hpp"
#include "core/net/https_pool.hpp"
#include "core/sts/assume_role.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace arngate::sts {

/// Where a client of AWS gets the credentials of its next call. One loop; not thread-safe.
class CredentialsSource {
public:
    using Pointer = std::shared_ptr<const aws::Credentials>;

    CredentialsSource() = default;
    CredentialsSource(const CredentialsSource&) = delete;
    CredentialsSource& operator=(const CredentialsSource&) = delete;
    virtual ~CredentialsSource() = default;

    /// Never null. The source must outlive the call.
    [[nodiscard]] virtual boost::asio::awaitable<Result<Pointer>> get(Deadline deadline) = 0;
    /// AWS refused what the last get() gave: the next one fetches anew.
    virtual void invalidate() = 0;
};

/// Credentials of this machine, read again after a minute, as they may have been replaced.
class LocalCredentials final : public CredentialsSource {
public:
    /// Never null. The error is for people and holds no secret.
    using Read = std::function<std::expected<Pointer, std::string>()>;

    /// `read` blocks the loop, so it must be quick. `refused` is called when AWS refused what it gave.
    LocalCredentials(
        const Clock& clock, Read read, std::function<void()> refused = [] {}
    )
        : clock_(clock), read_(std::move(read)), refused_(std::move(refused)) {}

    /// Errors: sts_denied, with the text of `read`.
    [[nodiscard]] boost::asio::awaitable<Result<Pointer>> get(Deadline deadline) override;
    void invalidate() override {
        current_.reset();
        refused_();
    }

private:
    const Clock& clock_;
    Read read_;
    std::function<void()> refused_;
    Pointer current_;
    SteadyTime read_at_{};
};

struct AssumedRoleOptions {
    AssumeRoleOptions role;
    std::uint16_t port = 443;
    std::chrono::milliseconds timeout{3'000};     ///< of one AssumeRole call
    std::chrono::seconds refresh_before{5 * 60};  ///< fresh credentials are asked for so long before the old ones end
    std::chrono::seconds never_used_after{30};    ///< so long before their end, old ones are not used any more
};

/// The credentials of a role, assumed with those of another source, kept until shortly before they end. Calls that
/// come while the role is being assumed wait for the same answer. Credentials that are still good are used on when
/// fresh ones cannot be had.
class AssumedRole final : public CredentialsSource {
public:
    /// All references must outlive the source and every call. `executor` is the loop it lives on.
    AssumedRole(
        const boost::asio::any_io_executor& executor,
        const Clock& clock,
        net::HttpsPool& pool,
        CredentialsSource& base,
        AssumedRoleOptions options
    );

    /// Errors: those of parse_assume_role, of the pool and of the base.
    [[nodiscard]] boost::asio::awaitable<Result<Pointer>> get(Deadline deadline) override;
    void invalidate() override { current_.reset(); }

private:
    class Assuming;

    [[nodiscard]] boost::asio::awaitable<Result<Pointer>> assume(Deadline deadline);
    [[nodiscard]] bool is_good_for(std::chrono::seconds span) const;

    const Clock& clock_;
    net::HttpsPool& pool_;
    CredentialsSource& base_;
    AssumedRoleOptions options_;
    Pointer current_;
    bool assuming_ = false;
    std::optional<Error> last_failure_;  ///< of the call that others waited for
    boost::asio::steady_timer assumed_;  ///< never expires; cancelled when a call has ended
};

}  // namespace arngate::sts
