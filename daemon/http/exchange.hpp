#pragma once

#include "core/base/clock.hpp"

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

/// The web front. Knows nothing of TokenReviews: it could serve anything.
namespace arngate::http {

/// One complete request. Views are good until the handler has answered, or, when it answers later, until `handle`
/// returns: whoever answers later keeps what it needs.
struct Request {
    std::string_view method;
    std::string_view path;   ///< without the query
    std::string_view query;  ///< after '?', may be empty
    std::string_view body;   ///< followed by at least 64 readable bytes
    std::string_view peer;   ///< "address:port" of the client
    SteadyTime received;     ///< when the request was complete
};

/// One answer. `body` may be appended to in place. Content-Length, Date and Connection are the session's.
struct Response {
    unsigned status = 200;
    std::string_view content_type;  ///< points to static storage; empty: no such header
    std::string body;
    unsigned retry_after_seconds = 0;  ///< 0: no Retry-After
    std::string_view allow;            ///< static storage; empty: no Allow
    std::string location;              ///< empty: no Location
    bool no_sniff = false;             ///< X-Content-Type-Options: nosniff
    bool close = false;                ///< close the connection after this answer
    /// Called once after the answer was handed to the socket, or when the connection is lost before that, for metrics
    /// and logs. May be empty; must not throw. A capture of two pointers costs no allocation.
    std::move_only_function<void()> after_write;
};

/// Completes a request that was not answered at once. Call it at most once, on the connection's loop; when it is
/// dropped without a call, the client gets 500. A call after the connection has gone does nothing.
using Completion = std::move_only_function<void(Response)>;

/// Makes the completion of the request at hand; it costs an allocation. `expected_bytes` is about how long the body of
/// the answer will be, 0 when it is short: long ones that are still to come count as answers which wait for the client,
/// of which a connection has no more than its limit.
using Defer = std::function<Completion(std::size_t expected_bytes)>;

/// Answers requests. Lives on one loop.
class Handler {
public:
    Handler() = default;
    Handler(const Handler&) = delete;
    Handler& operator=(const Handler&) = delete;
    virtual ~Handler() = default;

    /// Either fills `response` and returns true, or keeps the completion that `defer` makes and returns false. Must not
    /// throw on bad input; what is thrown becomes a 500.
    virtual bool handle(const Request& request, Response& response, const Defer& defer) = 0;
};

}  // namespace arngate::http
