#pragma once

#include "core/aws/partition.hpp"

#include <cstddef>
#include <expected>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace arngate::aws {

/// One host that tokens may name.
struct StsHost {
    std::string name;    ///< as it stands in URLs, lower case
    std::string region;  ///< for metrics and logs: the region, "global" for the partition-wide host, "extra" for a
                         ///< host that only the configuration names
};

struct StsHostOptions {
    std::string partition = "aws";
    std::vector<std::string> extra_regions;  ///< regions that this build does not list yet
    std::vector<std::string> extra_hosts;    ///< whole host names, e.g. of VPC endpoints with a name of their own
    std::string own_region;                  ///< the region this server runs in, when known
    /// Accept the hosts of `aws` in `aws-us-gov` and the other way round, as the Go server does.
    bool accept_sibling_partition = false;
};

/// The closed table of hosts that tokens may name: partition × region × variant (regional, FIPS, dual-stack, global).
/// A host is in it byte for byte or it is refused; no part of a name decides anything. Immutable, thread-safe.
class StsHostTable {
public:
    /// Fails with a text for the operator (unknown partition, malformed region or host).
    [[nodiscard]] static std::expected<StsHostTable, std::string> build(const StsHostOptions& options);

    /// The entry of exactly this name, or nullptr. Pointers live as long as the table.
    [[nodiscard]] const StsHost* find(std::string_view host) const noexcept;
    [[nodiscard]] std::size_t size() const noexcept { return hosts_.size(); }
    [[nodiscard]] std::vector<std::string_view> names() const;  ///< sorted

private:
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>{}(text); }
    };
    std::unordered_map<std::string, StsHost, Hash, std::equal_to<>> hosts_;
};

enum class EndpointVariant { plain, fips, dual_stack, fips_dual_stack };

/// The host a client of this region talks to (never the global one, except for the region "aws-global"). Works for
/// regions that no table lists, by the patterns of the AWS SDKs; used when minting, never when verifying.
/// Empty if the region is not a valid host label, or its partition has no such hosts.
[[nodiscard]] std::string sts_host_for_client(
    std::string_view region, EndpointVariant variant = EndpointVariant::plain
);

/// The same for any service whose hosts are named in that way, by its prefix ("sts", "oidc", "portal.sso").
[[nodiscard]] std::string service_host_for_client(
    std::string_view prefix, std::string_view region, EndpointVariant variant = EndpointVariant::plain
);

/// The partition of a region; for regions that no table lists by the patterns of the AWS SDKs, else "aws".
[[nodiscard]] const Partition& partition_for_client(std::string_view region);

/// The region that requests to that host are signed for: us-east-1 for "aws-global", the region without its marker for
/// the old spellings "fips-<region>" and "<region>-fips", else the region itself.
[[nodiscard]] std::string sts_signing_region(std::string_view region);

}  // namespace arngate::aws
