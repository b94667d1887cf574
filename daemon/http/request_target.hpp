#pragma once

#include <optional>
#include <string_view>

namespace arngate::http {

/// What a request asks for: a path that begins with '/', and what follows the first '?'. Views into what was split.
struct RequestTarget {
    std::string_view path;
    std::string_view query;
};

/// Splits a path at its '?'; what begins otherwise than with '/' is no path.
[[nodiscard]] std::optional<RequestTarget> split_path(std::string_view path_and_query) noexcept;

/// A target of HTTP/1: origin form and absolute form (RFC 9112, section 3.2); nothing for the others.
[[nodiscard]] std::optional<RequestTarget> split_target(std::string_view target) noexcept;

/// Only characters of a host with a port (RFC 3986, section 3.2.2), as in Host and :authority. No "@": user information
/// has no place there.
[[nodiscard]] bool is_host(std::string_view host) noexcept;

}  // namespace arngate::http
