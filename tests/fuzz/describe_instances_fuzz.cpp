// The answers of EC2 and of AssumeRole. The first byte chooses the status.

#include "core/base/text.hpp"
#include "core/ec2/describe_instances.hpp"
#include "core/sts/assume_role.hpp"
#include "tests/fuzz/check.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

namespace {

using namespace arngate;
using fuzz::check;

constexpr auto statuses = std::to_array<int>({200, 400, 401, 403, 408, 429, 500, 503, 302, 204, 0, -1});

void check_described(const ec2::Described& described, const std::vector<std::string>& asked) {
    check(described.instances.size() <= asked.size());
    for (const ec2::Instance& instance : described.instances) {
        check(std::ranges::count(asked, instance.id) == 1);
        check(std::ranges::count(described.instances, instance.id, &ec2::Instance::id) == 1);
        check(instance.owner_account.size() == 12 && std::ranges::all_of(instance.owner_account, text::is_digit));
        check(instance.private_dns_name.size() <= 253);
        check(std::ranges::all_of(instance.private_dns_name, [](char c) {
            return text::is_alnum(c) || c == '-' || c == '.';
        }));
    }
}

void check_error(const ec2::DescribeError& error, const std::vector<std::string>& asked) {
    check(error.detail.size() <= 128);
    check(error.named.empty() || error.kind == ec2::DescribeError::Kind::unknown_instance);
    check(std::ranges::all_of(error.named, [&](const auto& id) { return std::ranges::count(asked, id) == 1; }));
}

void check_credentials(const aws::Credentials& credentials) {
    check(credentials.expires_at.has_value());
    for (const std::string_view text :
         {std::string_view(credentials.access_key_id),
          credentials.secret_access_key.expose(),
          credentials.session_token.expose()}) {
        check(!text.empty());
        check(std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7f'; }));
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) {
        return 0;
    }
    const std::string_view body = fuzz::text_of(data + 1, size - 1);
    const std::vector<std::string> asked{"i-0123456789abcdef0", "i-01234567"};
    for (const int status : {200, statuses[data[0] % statuses.size()]}) {
        const auto described = ec2::parse_describe_instances(status, body, asked);
        if (described) {
            check(status == 200);
            check_described(*described, asked);
        } else {
            check_error(described.error(), asked);
        }
        const auto credentials = sts::parse_assume_role(status, body);
        if (credentials) {
            check(status == 200);
            check_credentials(*credentials);
        } else {
            check(credentials.error().detail.size() <= 160);
        }
    }
    return 0;
}
