#pragma once

#include "core/base/deadline.hpp"
#include "core/kube/access.hpp"
#include "core/kube/api_error.hpp"
#include "core/kube/login.hpp"
#include "core/net/https_pool.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstddef>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace arngate::kube {

using ApiResult = std::expected<std::string, ApiError>;

struct ApiClientOptions {
    std::size_t max_response_bytes = 8UL * 1024 * 1024;  ///< a ConfigMap may have 1 MiB before JSON escapes it
    std::chrono::milliseconds connect_timeout{10'000};
    std::chrono::milliseconds plugin_limit{60'000};  ///< how long an exec plugin may take
};

/// Requests to one API server, in JSON. One loop, one request at a time. Reading a token file and running an exec
/// plugin block the loop (see `Login`), so it is one that serves nobody else.
class ApiClient {
public:
    ApiClient(
        boost::asio::any_io_executor executor,
        Access access,
        ApiClientOptions options,
        std::shared_ptr<net::HttpsPoolMetrics> metrics
    );
    ApiClient(const ApiClient&) = delete;
    ApiClient& operator=(const ApiClient&) = delete;
    ~ApiClient() = default;

    /// The body of the answer, of status 200 or 201. `path` begins with a slash, as "/api/v1/…". After a 401 an exec
    /// plugin is run once more and the request repeated.
    [[nodiscard]] boost::asio::awaitable<ApiResult> get(std::string path, Deadline deadline);

    /// Replaces an object. With `metadata.resourceVersion` in `json` the server answers `conflict` when the object is
    /// no longer that version. After `unreachable` it may or may not have been replaced.
    [[nodiscard]] boost::asio::awaitable<ApiResult> put(std::string path, std::string json, Deadline deadline);

    /// Closes the connections.
    void close();

private:
    [[nodiscard]] boost::asio::awaitable<ApiResult> ask(
        std::string_view method, std::string path, std::optional<std::string> json, Deadline deadline
    );
    [[nodiscard]] boost::asio::awaitable<ApiResult> ask_once(
        std::string_view method, std::string path, std::optional<std::string> json, Deadline deadline
    );
    /// Credentials, and the pool that uses them.
    [[nodiscard]] std::expected<void, ApiError> prepare();
    [[nodiscard]] net::HttpsPoolOptions pool_options() const;

    boost::asio::any_io_executor executor_;
    Access access_;
    ApiClientOptions options_;
    std::shared_ptr<net::HttpsPoolMetrics> metrics_;
    Login login_;
    std::unique_ptr<net::HttpsPool> pool_;
};

}  // namespace arngate::kube
