#include "core/net/request_head.hpp"

#include "core/base/text.hpp"
#include "core/base/version.hpp"
#include "core/net/endpoint.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace arngate::net {

namespace {

bool is_method(std::string_view method) {
    return !method.empty() && std::ranges::all_of(method, [](char c) { return c >= 'A' && c <= 'Z'; });
}

// Visible ASCII, beginning with a slash (RFC 9112, section 3.2.1).
bool is_target(std::string_view target) {
    // Without an early end, so that the compiler can look at many bytes at a time.
    bool visible = true;
    for (const char c : target) {
        visible &= c > ' ' && c < '\x7f';
    }
    return visible && target.starts_with('/');
}

bool is_field_name(std::string_view name) {
    return !name.empty() && std::ranges::all_of(name, [](char c) { return text::is_alnum(c) || c == '-' || c == '_'; });
}

bool is_field_value(std::string_view value) {
    return std::ranges::none_of(value, [](char c) { return text::is_control(c) && c != '\t'; });
}

// Those the pool writes itself, and those that would announce a body.
bool is_reserved(std::string_view name) {
    static constexpr std::array<std::string_view, 5> reserved{
        "host", "user-agent", "connection", "content-length", "transfer-encoding"
    };
    return std::ranges::any_of(reserved, [name](std::string_view other) { return text::iequals(name, other); });
}

}  // namespace

Result<void> check_request(const Endpoint& endpoint, const HttpRequest& request) {
    if (!is_valid_host(endpoint.host) || endpoint.port == 0) {
        return fail(Reason::internal_error, "the host or port of a request is malformed");
    }
    if (!is_method(request.method) || !is_target(request.target.expose())) {
        return fail(Reason::internal_error, "the method or target of a request is malformed");
    }
    for (const auto& [name, value] : request.headers) {
        if (!is_field_name(name) || is_reserved(name) || !is_field_value(value)) {
            return fail(Reason::internal_error, "a header of a request is malformed");
        }
    }
    if (!is_field_value(request.authorization.expose())) {
        return fail(Reason::internal_error, "a header of a request is malformed");
    }
    return {};
}

Result<Secret> request_head(const Endpoint& endpoint, const HttpRequest& request) {
    if (auto checked = check_request(endpoint, request); !checked) {
        return std::unexpected(std::move(checked.error()));
    }
    const std::string host = host_header(endpoint);
    const std::array<std::string_view, 8> first{
        request.method,
        " ",
        request.target.expose(),
        " HTTP/1.1\r\nHost: ",
        host,
        "\r\nUser-Agent: arngate/",
        version(),
        "\r\n"
    };
    std::size_t size = 2;
    for (const std::string_view piece : first) {
        size += piece.size();
    }
    for (const auto& [name, value] : request.headers) {
        size += name.size() + value.size() + 4;
    }
    constexpr std::string_view authorization = "Authorization: ";
    if (!request.authorization.empty()) {
        size += authorization.size() + request.authorization.size() + 2;
    }
    const std::string length = request.body ? fmt::format("Content-Length: {}\r\n", request.body->size()) : "";
    size += length.size() + (request.body ? request.body->size() : 0);

    Secret bytes = Secret::of_size(size);
    char* out = bytes.mutable_data();
    const auto append = [&out](std::string_view piece) { out = std::ranges::copy(piece, out).out; };
    std::ranges::for_each(first, append);
    for (const auto& [name, value] : request.headers) {
        append(name);
        append(": ");
        append(value);
        append("\r\n");
    }
    if (!request.authorization.empty()) {
        append(authorization);
        append(request.authorization.expose());
        append("\r\n");
    }
    append(length);
    append("\r\n");
    if (request.body) {
        append(*request.body);
    }
    return bytes;
}

}  // namespace arngate::net
