#pragma once

#include "core/aws/sigv4_request.hpp"

#include <cstddef>
#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// DescribeInstances (Amazon EC2 API reference, version 2016-11-15): what is asked, and what the answer says. Pure.
namespace arngate::ec2 {

/// More instances than this are not asked about in one call.
inline constexpr std::size_t max_instances_per_call = 100;

struct Instance {
    std::string id;
    std::string private_dns_name;  ///< a host name; empty: EC2 gives none, now or ever
    std::string owner_account;     ///< 12 digits
    bool operator==(const Instance&) const = default;
};

struct Described {
    std::vector<Instance> instances;  ///< of those that were asked about, each once
    bool has_more = false;            ///< EC2 kept some back for a second page
};

struct DescribeError {
    enum class Kind : std::uint8_t {
        unknown_instance,  ///< EC2 has no instance of one of the ids, and so answers about none
        throttled,
        unavailable,      ///< no answer, or one of the service's own trouble
        bad_credentials,  ///< the keys are over or not known
        refused,          ///< the same call will be refused again
        bad_answer,       ///< something that is not an answer of EC2
    };
    Kind kind = Kind::unavailable;
    std::string detail;              ///< our own words: the status and the AWS error code, never the body
    std::vector<std::string> named;  ///< unknown_instance: those of the ids that EC2 named; may be empty
};

/// For metrics, e.g. "throttled".
[[nodiscard]] std::string_view label(DescribeError::Kind kind) noexcept;

[[nodiscard]] aws::RequestToSign describe_instances_request(
    std::string host, std::string region, std::span<const std::string> ids
);

/// Reads a complete answer about `asked`. Instances that were not asked about are passed over; an instance that is
/// described twice, or without an account of 12 digits, makes the answer a bad one. A name that is no host name counts
/// as none.
[[nodiscard]] std::expected<Described, DescribeError> parse_describe_instances(
    int status, std::string_view body, std::span<const std::string> asked
);

}  // namespace arngate::ec2
