#include "core/aws/identifiers.hpp"

#include "core/base/text.hpp"

#include <algorithm>
#include <cstddef>

namespace arngate::aws {
namespace {

/// Whether the text is "i-" and as many characters of one kind as an instance id has.
template <class Predicate>
bool is_instance_id_of(std::string_view text, Predicate is_of_kind) noexcept {
    constexpr std::string_view prefix = "i-";
    constexpr std::size_t short_form = 8;
    constexpr std::size_t long_form = 17;
    if (!text.starts_with(prefix)) {
        return false;
    }
    text.remove_prefix(prefix.size());
    return (text.size() == short_form || text.size() == long_form) && std::ranges::all_of(text, is_of_kind);
}

}  // namespace

bool is_account_id(std::string_view text) noexcept {
    constexpr std::size_t digits = 12;
    return text.size() == digits && std::ranges::all_of(text, text::is_digit);
}

bool is_ec2_instance_id(std::string_view text) noexcept {
    return is_instance_id_of(text, [](char c) { return text::is_digit(c) || (c >= 'a' && c <= 'f'); });
}

bool has_instance_id_shape(std::string_view text) noexcept {
    return is_instance_id_of(text, [](char c) { return text::is_alnum(c) || c == '_'; });
}

}  // namespace arngate::aws
