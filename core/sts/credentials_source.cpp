#include "core/sts/credentials_source.hpp"

#include "core/base/log.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <utility>

namespace arngate::sts {

namespace asio = boost::asio;

asio::awaitable<Result<CredentialsSource::Pointer>> LocalCredentials::get(Deadline) {
    constexpr std::chrono::minutes good_for{1};
    const SteadyTime now = clock_.steady();
    if (current_ == nullptr || now >= read_at_ + good_for) {
        auto read = read_();
        if (!read) {
            current_.reset();
            co_return fail(Reason::sts_denied, std::move(read.error()));
        }
        current_ = std::move(*read);
        read_at_ = now;
    }
    co_return current_;
}

/// A call to assume the role. However it ends, those that wait for it go on.
class AssumedRole::Assuming {
public:
    explicit Assuming(AssumedRole& role) : role_(role) {
        role_.assuming_ = true;
        role_.last_failure_.reset();
    }
    Assuming(const Assuming&) = delete;
    Assuming& operator=(const Assuming&) = delete;
    ~Assuming() {
        role_.assuming_ = false;
        role_.assumed_.cancel();
    }

private:
    AssumedRole& role_;
};

AssumedRole::AssumedRole(
    const asio::any_io_executor& executor,
    const Clock& clock,
    net::HttpsPool& pool,
    CredentialsSource& base,
    AssumedRoleOptions options
)
    : clock_(clock),
      pool_(pool),
      base_(base),
      options_(std::move(options)),
      assumed_(executor, asio::steady_timer::time_point::max()) {}

bool AssumedRole::is_good_for(std::chrono::seconds span) const {
    return current_ != nullptr && current_->expires_at && clock_.wall() + span < *current_->expires_at;
}

asio::awaitable<Result<CredentialsSource::Pointer>> AssumedRole::get(Deadline deadline) {
    if (is_good_for(options_.refresh_before)) {
        co_return current_;
    }
    if (assuming_) {
        if (is_good_for(options_.never_used_after)) {
            co_return current_;
        }
        // The call that is under way has a deadline of its own, so this ends.
        while (assuming_) {
            auto [ended] = co_await assumed_.async_wait(asio::as_tuple(asio::use_awaitable));
            static_cast<void>(ended);
        }
        if (is_good_for(options_.never_used_after)) {
            co_return current_;
        }
        co_return std::unexpected(last_failure_.value_or(
            Error{.reason = Reason::sts_unavailable, .detail = "AssumeRole gave credentials that end too soon"}
        ));
    }
    const Assuming under_way(*this);
    auto assumed = co_await assume(deadline.no_later_than(options_.timeout));
    if (assumed) {
        current_ = *assumed;
    } else {
        last_failure_ = assumed.error();
    }
    if (is_good_for(options_.never_used_after)) {
        if (!assumed) {
            log::warning("the role could not be assumed again yet", {{"error", assumed.error().detail}});
        }
        co_return current_;
    }
    if (assumed) {
        co_return fail(Reason::sts_unavailable, "AssumeRole gave credentials that end too soon");
    }
    co_return assumed;
}

asio::awaitable<Result<CredentialsSource::Pointer>> AssumedRole::assume(Deadline deadline) {
    auto base = co_await base_.get(deadline);
    if (!base) {
        co_return base;
    }
    aws::SignedRequest signed_request = aws::sign_request(assume_role_request(options_.role), **base, clock_.wall());
    net::HttpRequest request;
    request.target = Secret(signed_request.target);
    request.headers = std::move(signed_request.headers);
    net::Endpoint endpoint{.host = options_.role.host, .port = options_.port};
    auto response = co_await pool_.exchange(std::move(endpoint), std::move(request), deadline);
    if (!response) {
        co_return std::unexpected(std::move(response.error()));
    }
    auto credentials = parse_assume_role(response->status, response->body);
    wipe(response->body);
    if (!credentials) {
        base_.invalidate();
        co_return std::unexpected(std::move(credentials.error()));
    }
    co_return std::make_shared<const aws::Credentials>(std::move(*credentials));
}

}  // namespace arngate::sts
