#include "core/credentials/kept_credentials.hpp"

#include "core/base/log.hpp"

namespace arngate::credentials {

bool KeptCredentials::is_good_for(std::chrono::seconds span) const {
    return current_ != nullptr && (!current_->expires_at || clock_.wall() + span < *current_->expires_at);
}

void KeptCredentials::ask() {
    asked_at_ = clock_.steady();
    auto asked = ask_();
    if (asked) {
        current_ = std::make_shared<const aws::Credentials>(std::move(*asked));
        failure_.clear();
        refused_ = false;
        return;
    }
    failure_ = std::move(asked.error());
    if (current_ != nullptr && !current_->expires_at) {
        // They were taken away, so they are not given on.
        current_.reset();
    }
    if (is_good_for(options_.never_given_after)) {
        log::warning("there are no fresh AWS credentials yet", {{"error", failure_}});
    }
}

std::expected<std::shared_ptr<const aws::Credentials>, std::string> KeptCredentials::get() {
    const bool ends = current_ == nullptr || current_->expires_at.has_value();
    const bool may_ask = !asked_at_ || !ends || clock_.steady() >= *asked_at_ + options_.ask_again;
    if (may_ask && (refused_ || !ends || !is_good_for(options_.refresh_before))) {
        ask();
    }
    if (is_good_for(options_.never_given_after)) {
        return current_;
    }
    return std::unexpected(failure_.empty() ? std::string("credentials that end too soon") : failure_);
}

}  // namespace arngate::credentials
