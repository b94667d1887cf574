#include "tests/support/fake_sts/answer.hpp"

#include "core/base/text.hpp"

#include <fmt/format.h>

#include <cstdint>
#include <ctime>
#include <random>

namespace arngate::fake_sts {
namespace {

constexpr std::string_view xml_namespace = "https://sts.amazonaws.com/doc/2011-06-15/";

std::string json_escape(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (const char c : text) {
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (static_cast<unsigned char>(c) < 0x20) {
            out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
        } else {
            out += c;
        }
    }
    return out;
}

std::string_view phrase(int status) {
    switch (status) {
        case 200:
            return "OK";
        case 301:
            return "Moved Permanently";
        case 400:
            return "Bad Request";
        case 401:
            return "Unauthorized";
        case 403:
            return "Forbidden";
        case 404:
            return "Not Found";
        case 500:
            return "Internal Server Error";
        case 503:
            return "Service Unavailable";
        default:
            return "Unknown";
    }
}

}  // namespace

std::string xml_escape(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (const char c : text) {
        switch (c) {
            case '<':
                out += "&lt;";
                break;
            case '>':
                out += "&gt;";
                break;
            case '&':
                out += "&amp;";
                break;
            case '"':
                out += "&quot;";
                break;
            case '\'':
                out += "&#39;";
                break;
            default:
                out += c;
        }
    }
    return out;
}

Format format_for(const Request& request) {
    for (const auto& [name, value] : request.headers) {
        if (text::iequals(name, "accept") && value.find("application/json") != std::string_view::npos) {
            return Format::json;
        }
    }
    return Format::xml;
}

std::string_view content_type(Format format) noexcept {
    return format == Format::json ? "application/json" : "text/xml";
}

std::string identity_body(const Key& key, Format format, std::string_view request_id) {
    if (format == Format::json) {
        return fmt::format(
            R"({{"GetCallerIdentityResponse":{{"GetCallerIdentityResult":{{"Account":"{}","Arn":"{}","UserId":"{}"}},)"
            R"("ResponseMetadata":{{"RequestId":"{}"}}}}}})",
            json_escape(key.account),
            json_escape(key.arn),
            json_escape(key.user_id),
            request_id
        );
    }
    return fmt::format(
        "<GetCallerIdentityResponse xmlns=\"{}\">\n  <GetCallerIdentityResult>\n    <Arn>{}</Arn>\n"
        "    <UserId>{}</UserId>\n    <Account>{}</Account>\n  </GetCallerIdentityResult>\n  <ResponseMetadata>\n"
        "    <RequestId>{}</RequestId>\n  </ResponseMetadata>\n</GetCallerIdentityResponse>\n",
        xml_namespace,
        xml_escape(key.arn),
        xml_escape(key.user_id),
        xml_escape(key.account),
        request_id
    );
}

std::string error_body(const Refusal& refusal, Format format, std::string_view request_id) {
    const std::string_view type = refusal.status >= 500 ? "Receiver" : "Sender";
    if (format == Format::json) {
        return fmt::format(
            R"({{"Error":{{"Code":"{}","Message":"{}","Type":"{}"}},"RequestId":"{}"}})",
            json_escape(refusal.code),
            json_escape(refusal.message),
            type,
            request_id
        );
    }
    return fmt::format(
        "<ErrorResponse xmlns=\"{}\">\n  <Error>\n    <Type>{}</Type>\n    <Code>{}</Code>\n    <Message>{}</Message>\n"
        "  </Error>\n  <RequestId>{}</RequestId>\n</ErrorResponse>\n",
        xml_namespace,
        type,
        xml_escape(refusal.code),
        xml_escape(refusal.message),
        request_id
    );
}

std::string make_request_id() {
    thread_local std::mt19937_64 generator{std::random_device{}()};
    const std::uint64_t high = generator();
    const std::uint64_t low = generator();
    return fmt::format(
        "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
        high >> 32U,
        (high >> 16U) & 0xffffU,
        high & 0xfffU,
        0x8000U | ((low >> 48U) & 0x3fffU),
        low & 0xffff'ffff'ffffU
    );
}

// Formatted once a second a thread: strftime costs more than the rest of the head.
std::string_view http_date() {
    thread_local std::time_t formatted = 0;
    thread_local char text[64];
    thread_local std::size_t size = 0;
    const std::time_t now = std::time(nullptr);
    if (now != formatted) {
        std::tm parts{};
        gmtime_r(&now, &parts);
        size = std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &parts);
        formatted = now;
    }
    return {text, size};
}

std::string http_answer(
    int status,
    std::string_view content_type,
    std::string_view body,
    std::string_view request_id,
    std::string_view extra_headers
) {
    return fmt::format(
        "HTTP/1.1 {} {}\r\nx-amzn-RequestId: {}\r\nContent-Type: {}\r\nContent-Length: {}\r\nDate: {}\r\n{}\r\n{}",
        status,
        phrase(status),
        request_id,
        content_type,
        body.size(),
        http_date(),
        extra_headers,
        body
    );
}

Refusal throttling() {
    return {.status = 400, .code = "Throttling", .message = "Rate exceeded"};
}

Refusal request_limit_exceeded() {
    return {.status = 503, .code = "RequestLimitExceeded", .message = "Request limit exceeded."};
}

Refusal internal_failure() {
    return {
        .status = 500,
        .code = "InternalFailure",
        .message = "The request processing has failed because of an unknown error, exception or failure."
    };
}

Refusal service_unavailable() {
    return {
        .status = 503,
        .code = "ServiceUnavailable",
        .message = "The request has failed due to a temporary failure of the server."
    };
}

}  // namespace arngate::fake_sts
