#pragma once

#include "core/base/deadline.hpp"
#include "core/kube/access.hpp"
#include "core/kube/api_error.hpp"
#include "core/kube/line_buffer.hpp"
#include "core/kube/login.hpp"
#include "core/net/https_pool.hpp"
#include "core/net/https_stream.hpp"

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

struct WatchLimits {
    std::chrono::milliseconds opening{30'000};   ///< until the head of the answer
    std::chrono::milliseconds silence{150'000};  ///< between two pieces of the answer
    std::size_t max_line_bytes = 8UL * 1024 * 1024;
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

    /// Merges into an object (RFC 7386). With `metadata.resourceVersion` in `json`, `conflict` as with `put`.
    [[nodiscard]] boost::asio::awaitable<ApiResult> merge(std::string path, std::string json, Deadline deadline);

    /// Makes an object in the collection at `path`.
    [[nodiscard]] boost::asio::awaitable<ApiResult> post(std::string path, std::string json, Deadline deadline);

    /// Asks for an answer of lines without end, e.g. "…?watch=true", and hands on each line, without its end, as soon
    /// as it is whole; before them an empty one when the server has accepted. False from `sink`: enough. Returns when
    /// the server ended the answer after a whole line. Errors beside those of the answer's status: unreachable (no
    /// answer, or it broke off, fell silent or ended amid a line), bad_answer (a line above the limit). Not at the same
    /// time as another request of this object.
    [[nodiscard]] boost::asio::awaitable<std::expected<void, ApiError>> watch(
        std::string path, LineSink sink, WatchLimits limits
    );

    /// A watch that runs ends with an error.
    void end_watch();
    /// Closes the connections for good; a watch ends with an error, other requests finish.
    void close();

private:
    /// A request with its body, of which `type` is the media type.
    struct Ask {
        std::string_view method;
        std::string path;
        std::string_view type{};
        std::optional<std::string> body{};
    };
    [[nodiscard]] boost::asio::awaitable<ApiResult> ask(Ask what, Deadline deadline);
    [[nodiscard]] boost::asio::awaitable<ApiResult> ask_once(Ask what, Deadline deadline);
    [[nodiscard]] net::HttpRequest request_for(Ask what) const;
    [[nodiscard]] boost::asio::awaitable<std::expected<void, ApiError>> watch_once(
        std::string path, LineSink sink, WatchLimits limits
    );
    /// After an answer that refused the credentials: whether others can be had. Connections go with the old ones.
    [[nodiscard]] bool renew(const ApiError& error);
    /// Credentials, and the pool that uses them.
    [[nodiscard]] std::expected<void, ApiError> prepare();
    [[nodiscard]] net::HttpsPoolOptions pool_options() const;

    boost::asio::any_io_executor executor_;
    Access access_;
    ApiClientOptions options_;
    std::shared_ptr<net::HttpsPoolMetrics> metrics_;
    Login login_;
    std::shared_ptr<net::TlsClient> tls_;
    std::unique_ptr<net::HttpsPool> pool_;
    std::shared_ptr<net::HttpsStream> stream_;
};

}  // namespace arngate::kube
