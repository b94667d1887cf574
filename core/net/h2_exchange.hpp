#pragma once

#include "core/net/https_pool.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace arngate::net {

class H2ClientCodec;

/// How an exchange over HTTP/2 ended.
enum class H2End : std::uint8_t {
    none,         ///< it goes on
    complete,     ///< `response` is whole
    too_large,    ///< headers or body above the limit
    malformed,    ///< not a valid answer (RFC 9113, section 8)
    refused,      ///< the server has done nothing with it (RFC 9113, section 8.7)
    wants_http1,  ///< the server wants this request over HTTP/1.1, and has done nothing with it
    reset,        ///< the server gave it up
    lost,         ///< the connection ended
};

/// One request that waits for its answer, for as long as the object lives: it may lie in a coroutine's frame. Its end
/// takes back what is still under way. One loop.
class H2Exchange {
public:
    H2Exchange() = default;
    H2Exchange(const H2Exchange&) = delete;
    H2Exchange& operator=(const H2Exchange&) = delete;
    ~H2Exchange();

    HttpResponse response;
    H2End end = H2End::none;
    std::uint32_t error = 0;   ///< of RST_STREAM, when the server gave it up
    bool has_begun = false;    ///< something of the answer has come
    bool has_headers = false;  ///< the headers of the final answer have come whole

private:
    friend class H2ClientCodec;

    H2ClientCodec* codec_ = nullptr;  ///< while the exchange is under way
    std::int32_t id_ = 0;
    H2Exchange* next_ = nullptr;
    H2Exchange* previous_ = nullptr;
    std::string body_;         ///< of the request
    std::string_view unsent_;  ///< the rest of `body_`
    std::size_t header_bytes_ = 0;
    unsigned interim_answers_ = 0;
    bool reset_by_server_ = false;
};

}  // namespace arngate::net
