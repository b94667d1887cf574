#pragma once

#include "tests/support/fake_sts/answer_delay.hpp"
#include "tests/support/fake_sts/h1_link.hpp"
#include "tests/support/fake_sts/sts_desk.hpp"

#include <boost/asio/awaitable.hpp>

#include <memory>

namespace arngate::fake_sts {

/// Serves one connection over HTTP/2, many requests at once, until it ends. Desk and delay outlive the loop.
[[nodiscard]] boost::asio::awaitable<void> serve_http2(
    std::shared_ptr<TlsStream> stream, StsDesk* desk, AnswerDelay* delay
);

}  // namespace arngate::fake_sts
