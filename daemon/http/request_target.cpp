#include "daemon/http/request_target.hpp"

#include "core/base/text.hpp"

#include <algorithm>

namespace arngate::http {

std::optional<RequestTarget> split_path(std::string_view path_and_query) noexcept {
    if (!path_and_query.starts_with('/')) {
        return std::nullopt;
    }
    const auto question = path_and_query.find('?');
    if (question == std::string_view::npos) {
        return RequestTarget{.path = path_and_query, .query = {}};
    }
    return RequestTarget{.path = path_and_query.substr(0, question), .query = path_and_query.substr(question + 1)};
}

std::optional<RequestTarget> split_target(std::string_view target) noexcept {
    if (target.starts_with('/')) {
        return split_path(target);
    }
    const auto scheme_end = target.find("://");
    const std::string_view scheme = target.substr(0, scheme_end);
    if (scheme_end == std::string_view::npos || !(text::iequals(scheme, "http") || text::iequals(scheme, "https"))) {
        return std::nullopt;
    }
    target.remove_prefix(scheme_end + 3);
    const auto path = target.find_first_of("/?");
    if (path == std::string_view::npos) {
        return RequestTarget{.path = "/", .query = {}};
    }
    target.remove_prefix(path);
    return target.front() == '?' ? RequestTarget{.path = "/", .query = target.substr(1)} : split_path(target);
}

bool is_host(std::string_view host) noexcept {
    constexpr std::string_view others = "-._~!$&'()*+,;=:[]%";
    return std::ranges::all_of(host, [&](char c) {
        return text::is_alnum(c) || others.find(c) != std::string_view::npos;
    });
}

}  // namespace arngate::http
