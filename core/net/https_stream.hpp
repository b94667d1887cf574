#pragma once

#include "core/base/deadline.hpp"
#include "core/base/result.hpp"
#include "core/net/https_connection.hpp"
#include "core/net/https_pool.hpp"
#include "core/net/proxy.hpp"
#include "core/net/stream_reader.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>

namespace arngate::net {

/// One request on a connection of its own, whose answer is handed on while it comes: for answers that may never end.
/// HTTP/1.1. One loop, one request in its life. Whoever awaits `run` keeps the object alive meanwhile.
class HttpsStream {
public:
    /// The head of the answer comes first, with an empty piece, then pieces of its body. False: enough.
    using Sink = std::function<bool(const StreamHead& head, std::string_view piece)>;

    /// Of the options trust, proxy, connect-to and the limit of the headers count. Throws std::runtime_error when the
    /// proxy cannot be used.
    HttpsStream(boost::asio::any_io_executor executor, std::shared_ptr<TlsClient> tls, HttpsPoolOptions options);
    HttpsStream(const HttpsStream&) = delete;
    HttpsStream& operator=(const HttpsStream&) = delete;
    ~HttpsStream() = default;

    /// Until the answer has ended or the sink has enough. `opening` ends the wait for the head of the answer; after it
    /// the server may be silent for `silence` at most. Errors: sts_unreachable (no answer), sts_unavailable (an answer
    /// that broke off after its headers, or fell silent), sts_bad_answer, internal_error (the request is malformed).
    [[nodiscard]] boost::asio::awaitable<Result<void>> run(
        Endpoint endpoint, HttpRequest request, Deadline opening, std::chrono::milliseconds silence, Sink sink
    );

    /// Ends `run` with an error, at once.
    void close() noexcept;

private:
    [[nodiscard]] boost::asio::awaitable<Result<void>> read(
        Deadline opening, std::chrono::milliseconds silence, const Sink* sink
    );

    boost::asio::any_io_executor executor_;
    std::shared_ptr<TlsClient> tls_;
    HttpsPoolOptions options_;
    std::optional<Proxy> proxy_;
    StreamReader reader_;
    std::shared_ptr<HttpsConnection> connection_;
    bool closed_ = false;
};

}  // namespace arngate::net
