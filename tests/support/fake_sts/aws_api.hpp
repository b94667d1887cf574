#pragma once

#include "tests/support/fake_sts/fault_plan.hpp"
#include "tests/support/fake_sts/header_check.hpp"
#include "tests/support/fake_sts/key_table.hpp"
#include "tests/support/fake_sts/request_check.hpp"

#include "core/base/clock.hpp"

#include <cstdint>
#include <expected>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace arngate::fake_sts {

/// An EC2 instance.
struct FakeInstance {
    std::string instance_id;
    std::string account;
    std::string private_dns_name;  ///< may be empty
};

/// A role that may be assumed.
struct FakeRole {
    std::string role_arn;
    std::string trusted_account;  ///< whose principals may assume it; empty: anybody's
    std::string source_arn;       ///< not empty: x-amz-source-arn must be this
    std::string source_account;   ///< not empty: x-amz-source-account must be this
};

/// {"instances":[{"instance_id":…,"account":…,"private_dns_name":…}],"roles":[{"role_arn":…,"trusted_account":…,
/// "source_arn":…,"source_account":…}]}. Either list may be missing; unknown members are refused.
struct FakeResources {
    std::vector<FakeInstance> instances;
    std::vector<FakeRole> roles;
};
[[nodiscard]] std::expected<FakeResources, std::string> parse_resources(std::string_view json);

/// What the calls that are signed in a header are answered with: DescribeInstances of EC2 and AssumeRole of STS.
/// Thread-safe.
class AwsApi {
public:
    /// Gives the region of a host of EC2; empty: not a host of this EC2.
    AwsApi(KeyTable& keys, RegionOfHost region_of_sts, RegionOfHost region_of_ec2);

    /// Instances and roles of the same name are replaced.
    void add(FakeResources resources);
    /// Faults of DescribeInstances, apart from those of STS.
    [[nodiscard]] FaultSwitch& ec2_faults() noexcept { return ec2_faults_; }

    enum class Service : std::uint8_t { none, ec2, sts };
    /// Whether the request is one for this part of the fake, by its host and how it is signed.
    [[nodiscard]] Service service_of(const Request& request) const;

    struct Answer {
        int status = 200;
        std::string outcome;  ///< for the statistics: "described", "assumed", or the code of an error
        std::string body;     ///< XML
    };
    [[nodiscard]] Answer answer(const Request& request, Service service, WallTime now);

    /// An error in EC2's form.
    [[nodiscard]] static Answer ec2_error(const Refusal& refusal);

private:
    [[nodiscard]] Answer describe(const SignedQuery& query);
    [[nodiscard]] Answer assume(const SignedQuery& query, const Request& request, WallTime now);

    KeyTable& keys_;
    RegionOfHost region_of_sts_;
    RegionOfHost region_of_ec2_;
    HeaderCheck check_;
    FaultSwitch ec2_faults_;
    std::mutex mutex_;
    std::map<std::string, FakeInstance, std::less<>> instances_;  ///< guarded by mutex_, as are the roles
    std::map<std::string, FakeRole, std::less<>> roles_;
};

}  // namespace arngate::fake_sts
