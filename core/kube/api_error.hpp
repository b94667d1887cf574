#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace arngate::kube {

/// What a caller can do about a request that failed.
enum class Fault : std::uint8_t {
    unusable,      ///< our own side: a credential cannot be had, a certificate cannot be used
    unreachable,   ///< no answer
    unauthorized,  ///< 401: the server does not know who asks
    forbidden,     ///< 403: RBAC does not allow it
    not_found,     ///< 404
    conflict,      ///< 409: the object has changed since it was read
    gone,          ///< 410: the version that was asked for is too old
    rejected,      ///< any other 4xx: the request or the object is invalid
    unavailable,   ///< 429 and 5xx: ask again later
    bad_answer,    ///< neither JSON of the API nor an error of it
};

struct ApiError {
    Fault fault = Fault::unusable;
    int status = 0;      ///< 0: there was no answer
    std::string detail;  ///< our own words
    /// What the server said, made printable and cut to 1 KiB. For the person who asked, who trusts this server; it may
    /// name users and objects, so it does not belong into a log or metric.
    std::string server_message;
    std::chrono::seconds retry_after{0};  ///< when the server said when to ask again; at most max_retry_after
};

inline constexpr std::chrono::seconds max_retry_after{300};

/// The error that an answer other than 200 and 201 means: its status, and the message of the `Status` object
/// (apimachinery, meta/v1) in its body if there is one. `retry_after`: that header; a number of seconds counts, a date
/// does not. Pure.
[[nodiscard]] ApiError error_of_answer(int status, std::string_view body, std::string_view retry_after = {});

}  // namespace arngate::kube
