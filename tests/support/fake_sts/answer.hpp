#pragma once

#include "tests/support/fake_sts/key_table.hpp"
#include "tests/support/fake_sts/request_check.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace arngate::fake_sts {

enum class Format : std::uint8_t { xml, json };

/// JSON when the Accept header asks for it, XML otherwise, as STS does.
[[nodiscard]] Format format_for(const Request& request);

[[nodiscard]] std::string_view content_type(Format format) noexcept;
[[nodiscard]] std::string identity_body(const Key& key, Format format, std::string_view request_id);
[[nodiscard]] std::string error_body(const Refusal& refusal, Format format, std::string_view request_id);

[[nodiscard]] std::string xml_escape(std::string_view text);

/// A random version 4 UUID.
[[nodiscard]] std::string make_request_id();

/// Now, for a Date header. The text is the thread's own and stands until its next call.
[[nodiscard]] std::string_view http_date();

/// A whole HTTP/1.1 answer with Content-Length, x-amzn-RequestId and Date. `extra_headers` are complete lines.
[[nodiscard]] std::string http_answer(
    int status,
    std::string_view content_type,
    std::string_view body,
    std::string_view request_id,
    std::string_view extra_headers = {}
);

[[nodiscard]] Refusal throttling();
[[nodiscard]] Refusal request_limit_exceeded();  ///< EC2's word for throttling
[[nodiscard]] Refusal internal_failure();
[[nodiscard]] Refusal service_unavailable();

}  // namespace arngate::fake_sts
