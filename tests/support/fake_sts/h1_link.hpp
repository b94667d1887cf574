#pragma once

#include "tests/support/fake_sts/answer_delay.hpp"
#include "tests/support/fake_sts/sts_desk.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>

#include <cstddef>

namespace arngate::fake_sts {

using TlsStream = boost::asio::ssl::stream<boost::asio::ip::tcp::socket>;

/// What is read of one request.
inline constexpr std::size_t max_head_bytes = 64U * 1024;
inline constexpr std::size_t max_body_bytes = 64U * 1024;

/// Ends the connection with a TCP reset.
void reset(TlsStream& stream);

/// Serves one connection over HTTP/1.1 with keep-alive, until it ends. The arguments outlive the call.
[[nodiscard]] boost::asio::awaitable<void> serve_http1(TlsStream* stream, StsDesk* desk, AnswerDelay* delay);

}  // namespace arngate::fake_sts
