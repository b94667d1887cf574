#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace arngate::aws {

/// An error as services of the query protocol answer it: <ErrorResponse><Error>… (STS) or <Response><Errors><Error>…
/// (EC2; docs.aws.amazon.com, "Error codes for the Amazon EC2 API").
struct QueryError {
    std::string code;     ///< safe to log: letters, digits, dots; empty if there is none of that form
    std::string message;  ///< the service's words: not for logs
};

/// Nothing if the body is not such a document.
[[nodiscard]] std::optional<QueryError> parse_query_error(std::string_view body);

/// Whether the text has the form of such a code, and so cannot be a key or a signature.
[[nodiscard]] bool looks_like_error_code(std::string_view text) noexcept;

/// What a caller can do about an answer that is no success.
enum class QueryFailure : std::uint8_t {
    throttled,        ///< too many calls: later
    unavailable,      ///< the service's own trouble: later
    bad_credentials,  ///< the keys are over or not known: again with fresh ones
    refused,          ///< the same call will be refused again
};

[[nodiscard]] QueryFailure classify_query_failure(int status, std::string_view code) noexcept;

}  // namespace arngate::aws
