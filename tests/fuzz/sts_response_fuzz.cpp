// The answer of STS. The first byte chooses the status.

#include "core/aws/arn.hpp"
#include "core/base/text.hpp"
#include "core/sts/response.hpp"
#include "tests/fuzz/check.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace {

using namespace arngate;
using fuzz::check;

constexpr auto statuses = std::to_array<int>({200, 400, 403, 408, 429, 500, 503, 599, 302, 204, 100, 0, -1});

void check_identity(const sts::CallerIdentity& identity, const sts::ResponseRules& rules) {
    const auto arn = aws::canonicalize(identity.arn);
    check(arn.has_value());
    check(arn->text == identity.canonical_arn);
    check(arn->kind == identity.kind);
    check(identity.mapping_key == text::to_lower(identity.canonical_arn));
    check(!rules.require_partition || arn->partition == rules.partition);
    if (rules.require_account) {
        check(identity.account_id == arn->account);
        check(identity.account_id.size() == 12 && std::ranges::all_of(identity.account_id, text::is_digit));
    }
    check(identity.access_key_id.empty() && identity.sts_host.empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) {
        return 0;
    }
    const std::string_view body = fuzz::text_of(data + 1, size - 1);
    sts::ResponseRules strict;
    sts::ResponseRules open;
    open.require_partition = false;
    open.require_account = false;
    for (const int status : {200, statuses[data[0] % statuses.size()]}) {
        const auto strictly = sts::parse_response(status, body, strict);
        const auto openly = sts::parse_response(status, body, open);
        check(!strictly.has_value() || openly.has_value());
        if (strictly) {
            check(status == 200);
            check(*strictly == *openly);
            check_identity(*strictly, strict);
        } else {
            check(info(strictly.error().reason).peer_result.starts_with("sts_"));
        }
        if (openly) {
            check(status == 200);
            check_identity(*openly, open);
        }
    }
    return 0;
}
