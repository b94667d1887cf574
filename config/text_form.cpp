#include "config/text_form.hpp"

#include "config/value.hpp"
#include "core/aws/arn.hpp"
#include "core/aws/identifiers.hpp"
#include "core/aws/partition.hpp"
#include "core/base/text.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string>

namespace arngate::config {
namespace {

bool is_printable(std::string_view text) {
    bool control = false;  // without a way out in the loop, so that it takes many at a time
    for (const char c : text) {
        control |= text::is_control(c);
    }
    return !control;
}

/// Labels of letters, digits and inner hyphens (RFC 1123, section 2.1); underscores too, which some networks have.
bool is_dns_name(std::string_view text) {
    if (text.empty() || text.size() > 253)
        return false;
    return std::ranges::all_of(text::split(text, '.'), [](std::string_view label) {
        return !label.empty() && label.size() <= 63 && label.front() != '-' && label.back() != '-' &&
               std::ranges::all_of(label, [](char c) { return text::is_alnum(c) || c == '-' || c == '_'; });
    });
}

bool is_dotted_host(std::string_view text) {
    return is_dns_name(text) && text.find('.') != std::string_view::npos && !is_ip_address(text) &&
           std::ranges::none_of(text, [](char c) { return c == '_' || (c >= 'A' && c <= 'Z'); });
}

bool is_role_arn(std::string_view text) {
    const auto arn = aws::canonicalize(text);
    return arn && arn->kind == aws::PrincipalKind::role && arn->text == text && aws::is_account_id(arn->account);
}

bool is_arn(std::string_view text) {
    if (!text.starts_with("arn:"))
        return false;
    const auto sections = text::split(text, ':');
    return sections.size() >= 6 && !sections[1].empty() && !sections[2].empty() && !sections[5].empty();
}

/// Takes a host and a port off the front of the text, and the colon behind them; either may be empty.
bool take_endpoint(std::string_view& rest, bool last) {
    std::string_view host;
    if (rest.starts_with('[')) {
        const std::size_t end = rest.find(']');
        if (end == std::string_view::npos)
            return false;
        host = rest.substr(1, end - 1);
        if (!is_ip_address(host) || host.find(':') == std::string_view::npos)
            return false;
        rest.remove_prefix(end + 1);
    } else {
        host = rest.substr(0, rest.find(':'));
        if (!host.empty() && !is_dns_name(host))
            return false;
        rest.remove_prefix(host.size());
    }
    if (!rest.starts_with(':'))
        return false;
    rest.remove_prefix(1);
    const std::string_view port = rest.substr(0, rest.find(':'));
    rest.remove_prefix(port.size());
    if (!port.empty()) {
        const std::optional<std::int64_t> number = parse_integer(port);
        if (!number || *number < 1 || *number > 65'535)
            return false;
    }
    if (last)
        return rest.empty();
    if (!rest.starts_with(':'))
        return false;
    rest.remove_prefix(1);
    return true;
}

}  // namespace

bool is_ip_address(std::string_view text) {
    const std::string terminated(text);
    if (terminated.find('\0') != std::string::npos)
        return false;
    std::array<unsigned char, sizeof(in6_addr)> address{};
    return inet_pton(AF_INET, terminated.c_str(), address.data()) == 1 ||
           inet_pton(AF_INET6, terminated.c_str(), address.data()) == 1;
}

bool has_form(std::string_view text, TextForm form) {
    if (!is_printable(text))
        return false;
    switch (form) {
        case TextForm::any:
            return true;
        case TextForm::ip_address:
            return is_ip_address(text);
        case TextForm::host_name:
            return is_dns_name(text) || is_ip_address(text);
        case TextForm::dotted_host:
            return is_dotted_host(text);
        case TextForm::region_label:
            return aws::is_region_label(text);
        case TextForm::role_arn:
            return is_role_arn(text);
        case TextForm::arn:
            return is_arn(text);
        case TextForm::connect_to: {
            std::string_view rest = text;
            return take_endpoint(rest, false) && take_endpoint(rest, true);
        }
    }
    return false;
}

}  // namespace arngate::config
