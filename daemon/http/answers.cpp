#include "daemon/http/answers.hpp"

namespace arngate::http {

void fill_error(Response& response, unsigned status, std::string_view text) {
    response.status = status;
    response.content_type = plain_text;
    response.no_sniff = true;
    response.body.assign(text);
    response.body += '\n';
}

void fill_internal_error(Response& response) {
    response = Response{};
    fill_error(response, 500, "internal error");
}

std::string_view status_phrase(unsigned status) noexcept {
    switch (status) {
        case 200:
            return "OK";
        case 307:
            return "Temporary Redirect";
        case 400:
            return "Bad Request";
        case 403:
            return "Forbidden";
        case 404:
            return "Not Found";
        case 405:
            return "Method Not Allowed";
        case 408:
            return "Request Timeout";
        case 413:
            return "Content Too Large";
        case 417:
            return "Expectation Failed";
        case 429:
            return "Too Many Requests";
        case 431:
            return "Request Header Fields Too Large";
        case 500:
            return "Internal Server Error";
        case 503:
            return "Service Unavailable";
        case 505:
            return "HTTP Version Not Supported";
        default:
            // A reason phrase may be empty (RFC 9112, section 4).
            return "";
    }
}

}  // namespace arngate::http
