#pragma once

#include "core/kube/access.hpp"
#include "core/kube/api_client.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <expected>
#include <functional>
#include <memory>
#include <string>

namespace arngate::kube {

/// Finds out how to reach the API server; may block on files. The error is a sentence for people.
using AccessSource = std::function<std::expected<Access, std::string>()>;

/// A client that comes to be once there is a way to the API server, and is made anew when its credentials turn out to
/// be refused. One loop, one request at a time.
class ApiSession {
public:
    ApiSession(
        boost::asio::any_io_executor executor,
        AccessSource access,
        ApiClientOptions options,
        std::shared_ptr<net::HttpsPoolMetrics> metrics
    );

    /// The client, or why there is none. Error: unusable. Hold it as long as a request runs.
    [[nodiscard]] std::expected<std::shared_ptr<ApiClient>, ApiError> client();
    /// After each failed request: one that the credentials may be to blame for makes the next client read them anew.
    void failed(const ApiError& error);
    /// As those of ApiClient.
    void end_watch();
    void close();

private:
    boost::asio::any_io_executor executor_;
    AccessSource access_;
    ApiClientOptions options_;
    std::shared_ptr<net::HttpsPoolMetrics> metrics_;
    std::shared_ptr<ApiClient> client_;
};

}  // namespace arngate::kube
