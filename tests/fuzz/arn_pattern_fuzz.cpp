// Patterns for ARNs and roles against ARNs: "pattern\nARN".

#include "core/aws/arn_pattern.hpp"
#include "core/base/text.hpp"
#include "core/mapping/role_pattern.hpp"
#include "tests/fuzz/check.hpp"

#include <algorithm>
#include <string>
#include <string_view>

namespace {

using namespace arngate;
using fuzz::check;

void check_general(std::string_view text, std::string_view arn) {
    const auto lenient = aws::ArnPattern::compile(text, aws::QuestionMark::at_most_one);
    const auto strict = aws::ArnPattern::compile(text, aws::QuestionMark::exactly_one);
    check(lenient.has_value() == strict.has_value());
    if (!strict) {
        return;
    }
    const auto loose = lenient->matches(arn);
    const auto tight = strict->matches(arn);
    check(loose.has_value() == tight.has_value());
    check(!tight.value_or(false) || loose.value_or(false));  // what the stricter reading matches, the other does
    check(!loose.value_or(false) || arn.starts_with(lenient->literal_prefix()));
    if (text.find_first_of("*?") == std::string_view::npos && tight) {
        check(*tight == (text == arn));
    }
}

void check_role(std::string_view text, std::string_view arn) {
    const auto pattern = mapping::RolePattern::parse(text);
    if (!pattern) {
        check(!mapping::describe(pattern.error()).empty());
        return;
    }
    const std::string_view prefix = pattern->literal_prefix();
    check(prefix.starts_with("arn:") && prefix.find(":iam::") != std::string_view::npos);
    const std::size_t name = prefix.find(":role/");
    check(name != std::string_view::npos && prefix.size() - name - 6 >= mapping::RolePattern::min_literal);
    const std::string key = text::to_lower(arn);
    if (pattern->matches(key)) {
        check(key.starts_with(prefix));
        check(
            !key.substr(name + 6).starts_with("awsreservedsso_") || prefix.substr(name + 6).starts_with("awsreserved")
        );
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    constexpr std::size_t longest_arn = 2048;
    const std::string_view input = fuzz::text_of(data, size);
    const std::size_t end = std::min(input.find('\n'), input.size());
    const std::string pattern(input.substr(0, end));
    const std::string arn(input.substr(std::min(end + 1, input.size())).substr(0, longest_arn));
    check_general(pattern, arn);
    check_general("arn:aws:iam::123456789012:" + pattern, "arn:aws:iam::123456789012:" + arn);
    check_role(pattern, arn);
    check_role("arn:aws:iam::123456789012:role/" + pattern, "arn:aws:iam::123456789012:role/" + arn);
    const auto set = mapping::RolePattern::of({pattern, "123456789012"});
    check(set.has_value() == mapping::is_permission_set_name(pattern));
    if (set && set->matches(text::to_lower("arn:aws:iam::123456789012:role/" + arn))) {
        check(text::to_lower(arn).starts_with("awsreservedsso_" + text::to_lower(pattern) + "_"));
    }
    return 0;
}
