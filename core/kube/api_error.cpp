#include "core/kube/api_error.hpp"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <system_error>

namespace arngate::kube {

namespace {

constexpr std::size_t max_message_bytes = 1024;
constexpr std::size_t max_status_bytes = 64UL * 1024;

Fault fault_of(int status) {
    switch (status) {
        case 401:
            return Fault::unauthorized;
        case 403:
            return Fault::forbidden;
        case 404:
            return Fault::not_found;
        case 409:
            return Fault::conflict;
        case 410:
            return Fault::gone;
        case 408:
        case 429:
            return Fault::unavailable;
        default:
            break;
    }
    if (status >= 500) {
        return Fault::unavailable;
    }
    // Redirects, and answers without content where there must be some, are not the API's.
    return status >= 400 ? Fault::rejected : Fault::bad_answer;
}

std::string_view words_for(Fault fault) {
    switch (fault) {
        case Fault::unauthorized:
            return "the API server does not accept the credentials";
        case Fault::forbidden:
            return "the API server does not allow it";
        case Fault::not_found:
            return "the API server has no such object";
        case Fault::conflict:
            return "the object has been changed meanwhile";
        case Fault::gone:
            return "the API server no longer has that version";
        case Fault::rejected:
            return "the API server refuses the request";
        case Fault::unavailable:
            return "the API server cannot answer now";
        case Fault::unusable:
        case Fault::unreachable:
        case Fault::bad_answer:
            break;
    }
    return "the answer is not one of a Kubernetes API server";
}

/// Printable: a terminal must not be led by what comes over the network.
std::string printable(std::string_view text) {
    std::string out;
    for (const char c : text.substr(0, max_message_bytes)) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '\n' || c == '\t') {
            out += ' ';
        } else {
            out += byte < 0x20 || byte >= 0x7f ? '?' : c;
        }
    }
    return out;
}

std::string message_in(std::string_view body) {
    if (body.size() > max_status_bytes) {
        return {};
    }
    simdjson::dom::parser parser;
    simdjson::dom::object object;
    std::string_view kind;
    std::string_view message;
    const bool is_status = parser.parse(body.data(), body.size(), true).get_object().get(object) == simdjson::SUCCESS &&
                           object["kind"].get_string().get(kind) == simdjson::SUCCESS && kind == "Status" &&
                           object["message"].get_string().get(message) == simdjson::SUCCESS;
    return is_status ? printable(message) : std::string();
}

std::chrono::seconds seconds_in(std::string_view header) {
    std::uint32_t seconds = 0;
    const char* const end = header.data() + header.size();
    const auto [rest, error] = std::from_chars(header.data(), end, seconds);
    if (rest != end || (error != std::errc() && error != std::errc::result_out_of_range)) {
        return std::chrono::seconds(0);
    }
    const std::chrono::seconds said(error == std::errc() ? seconds : std::numeric_limits<std::uint32_t>::max());
    return std::min(said, max_retry_after);
}

}  // namespace

ApiError error_of_answer(int status, std::string_view body, std::string_view retry_after) {
    ApiError error;
    error.fault = fault_of(status);
    error.status = status;
    error.detail = fmt::format("{} ({})", words_for(error.fault), status);
    error.server_message = message_in(body);
    error.retry_after = seconds_in(retry_after);
    return error;
}

}  // namespace arngate::kube
