#include "core/kube/api_session.hpp"

#include <utility>

namespace arngate::kube {

ApiSession::ApiSession(
    boost::asio::any_io_executor executor,
    AccessSource access,
    ApiClientOptions options,
    std::shared_ptr<net::HttpsPoolMetrics> metrics
)
    : executor_(std::move(executor)), access_(std::move(access)), options_(options), metrics_(std::move(metrics)) {}

std::expected<std::shared_ptr<ApiClient>, ApiError> ApiSession::client() {
    if (client_ == nullptr) {
        auto access = access_();
        if (!access) {
            ApiError error;
            error.fault = Fault::unusable;
            error.detail = std::move(access.error());
            return std::unexpected(std::move(error));
        }
        client_ = std::make_shared<ApiClient>(executor_, std::move(*access), options_, metrics_);
    }
    return client_;
}

void ApiSession::failed(const ApiError& error) {
    // A certificate that was replaced on disk shows as a failed handshake, a new address of the server as no answer.
    const bool may_be_stale =
        error.fault == Fault::unauthorized || error.fault == Fault::unusable || error.fault == Fault::unreachable;
    if (may_be_stale && client_ != nullptr) {
        client_->close();
        client_.reset();
    }
}

void ApiSession::end_watch() {
    if (client_ != nullptr) {
        client_->end_watch();
    }
}

void ApiSession::close() {
    if (client_ != nullptr) {
        client_->close();
    }
}

}  // namespace arngate::kube
