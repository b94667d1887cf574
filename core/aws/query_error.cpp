#include "core/aws/query_error.hpp"

#include "core/aws/xml_reader.hpp"
#include "core/base/text.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <utility>

namespace arngate::aws {
namespace {

constexpr std::size_t max_code_bytes = 64;

constexpr auto throttling = std::to_array<std::string_view>(
    {"RequestLimitExceeded",
     "Throttling",
     "ThrottlingException",
     "ThrottledException",
     "RequestThrottled",
     "RequestThrottledException",
     "TooManyRequestsException",
     "SlowDown",
     "EC2ThrottledException"}
);
constexpr auto unavailability = std::to_array<std::string_view>(
    {"InternalError", "InternalFailure", "ServiceUnavailable", "Unavailable", "RequestTimeout"}
);
constexpr auto credential_trouble = std::to_array<std::string_view>(
    {"AuthFailure",
     "ExpiredToken",
     "ExpiredTokenException",
     "InvalidAccessKeyId",
     "InvalidClientTokenId",
     "RequestExpired",
     "UnrecognizedClientException"}
);

bool is_one_of(std::span<const std::string_view> codes, std::string_view code) noexcept {
    return std::ranges::find(codes, code) != codes.end();
}

bool is_of_error(std::span<const std::string_view> path) {
    static constexpr std::array<std::string_view, 2> of_sts{"ErrorResponse", "Error"};
    static constexpr std::array<std::string_view, 3> of_ec2{"Response", "Errors", "Error"};
    return is_path(path, of_sts) || is_path(path, of_ec2);
}

}  // namespace

bool looks_like_error_code(std::string_view text) noexcept {
    return !text.empty() && text.size() <= max_code_bytes && text.front() >= 'A' && text.front() <= 'Z' &&
           std::ranges::all_of(text, [](char c) { return c == '.' || (text::is_alnum(c) && !text::is_digit(c)); });
}

std::optional<QueryError> parse_query_error(std::string_view body) {
    XmlReader reader(body);
    QueryError error;
    std::size_t errors = 0;
    std::string code;
    for (;;) {
        switch (reader.next()) {
            case XmlReader::Event::start:
                errors += is_of_error(reader.path()) ? 1U : 0U;
                break;
            case XmlReader::Event::text: {
                const auto path = reader.path();
                // Of several errors the first counts; AWS sends one.
                if (errors == 1 && path.size() > 1 && is_of_error(path.first(path.size() - 1))) {
                    if (path.back() == "Code") {
                        code = reader.text();
                    } else if (path.back() == "Message") {
                        error.message = reader.text();
                    }
                }
                break;
            }
            case XmlReader::Event::end:
                break;
            case XmlReader::Event::done:
                if (errors == 0) {
                    return std::nullopt;
                }
                if (looks_like_error_code(code)) {
                    error.code = std::move(code);
                }
                return error;
            case XmlReader::Event::malformed:
                return std::nullopt;
        }
    }
}

QueryFailure classify_query_failure(int status, std::string_view code) noexcept {
    if (status == 429 || is_one_of(throttling, code)) {
        return QueryFailure::throttled;
    }
    if (status >= 500 || status == 408 || is_one_of(unavailability, code)) {
        return QueryFailure::unavailable;
    }
    return is_one_of(credential_trouble, code) ? QueryFailure::bad_credentials : QueryFailure::refused;
}

}  // namespace arngate::aws
