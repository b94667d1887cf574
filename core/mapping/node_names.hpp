#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace arngate::mapping {

/// What {{EC2PrivateDNSName}} asks. Names are looked up before a mapping is rendered, so that rendering never waits;
/// here stands what is known. Implementations are as thread-safe as their user needs: a loop's own may be plain.
class NodeNames {
public:
    NodeNames() = default;
    NodeNames(const NodeNames&) = delete;
    NodeNames& operator=(const NodeNames&) = delete;
    virtual ~NodeNames() = default;

    /// The private DNS name of this instance, or nothing if EC2 gave none. An empty name counts as none.
    [[nodiscard]] virtual std::optional<std::string> private_dns_name(std::string_view instance_id) const = 0;
};

}  // namespace arngate::mapping
