// ARNs, as STS and as operators write them; region and host names of the host table.

#include "core/aws/arn.hpp"
#include "core/aws/partition.hpp"
#include "core/aws/sts_hosts.hpp"
#include "core/base/text.hpp"
#include "tests/fuzz/check.hpp"

#include <algorithm>
#include <string>
#include <string_view>

namespace {

using namespace arngate;
using fuzz::check;

void check_arn(std::string_view input) {
    const auto arn = aws::canonicalize(input);
    const auto stripped = aws::strip_role_path(input);
    if (!arn) {
        check(!aws::describe(arn.error()).empty());
    } else {
        check(stripped.has_value());
        check(aws::find_partition(arn->partition) != nullptr);
        check(arn->text.starts_with("arn:" + arn->partition + ":"));
        check(arn->account.find(':') == std::string::npos);
        const auto again = aws::canonicalize(arn->text);
        check(again.has_value());
        check(again->text == arn->text && again->account == arn->account);
        check(again->kind == (arn->kind == aws::PrincipalKind::assumed_role ? aws::PrincipalKind::role : arn->kind));
    }
    if (stripped) {
        const auto twice = aws::strip_role_path(*stripped);
        check(twice.has_value() && *twice == *stripped);
    }
}

void check_host(std::string_view input) {
    const std::string host = aws::sts_host_for_client(input);
    check(host.empty() || host.starts_with("sts"));
    check(std::ranges::all_of(host, [](char c) { return text::is_alnum(c) || c == '-' || c == '.'; }));

    aws::StsHostOptions region;
    region.extra_regions = {std::string(input)};
    const auto with_region = aws::StsHostTable::build(region);
    check(with_region.has_value() || std::ranges::none_of(with_region.error(), [](char c) { return c == '\n'; }));
    check(!with_region.has_value() || aws::is_region_label(input));

    aws::StsHostOptions extra;
    extra.extra_hosts = {std::string(input)};
    const auto with_host = aws::StsHostTable::build(extra);
    check(!with_host.has_value() || with_host->find(input) != nullptr);

    static const auto plain = aws::StsHostTable::build({}).value();
    if (const auto* found = plain.find(input)) {
        check(found->name == input);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view input = fuzz::text_of(data, size);
    check_arn(input);
    check_arn("arn:aws:sts::123456789012:" + std::string(input));
    check_arn("arn:aws:iam::123456789012:" + std::string(input));
    check_host(input);
    return 0;
}
