#include "config/environment_name.hpp"

#include "core/base/text.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace arngate::config {
namespace {

bool is_upper(char c) {
    return c >= 'A' && c <= 'Z';
}

bool starts_word(std::string_view path, std::size_t i) {
    if (i == 0 || !is_upper(path[i]))
        return false;
    if (!is_upper(path[i - 1]))
        return text::is_alnum(path[i - 1]);
    return i + 1 < path.size() && !is_upper(path[i + 1]) && text::is_alnum(path[i + 1]);
}

}  // namespace

std::string environment_name(std::string_view path) {
    std::string name = "ARNGATE_";
    for (std::size_t i = 0; i < path.size(); ++i) {
        if (starts_word(path, i))
            name += '_';
        const char c = path[i];
        if (c == '.' || c == '-') {
            name += '_';
        } else {
            name += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
        }
    }
    return name;
}

bool is_service_link(std::string_view value) noexcept {
    constexpr std::array<std::string_view, 3> schemes{"tcp://", "udp://", "sctp://"};
    return std::ranges::any_of(schemes, [&](std::string_view scheme) { return value.starts_with(scheme); });
}

}  // namespace arngate::config
