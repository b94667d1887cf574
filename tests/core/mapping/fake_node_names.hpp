#pragma once

#include "core/mapping/node_names.hpp"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace arngate::mapping {

/// EC2 names from a map.
class FakeNodeNames final : public NodeNames {
public:
    [[nodiscard]] std::optional<std::string> private_dns_name(std::string_view instance_id) const override {
        const auto found = names.find(instance_id);
        return found == names.end() ? std::nullopt : std::optional(found->second);
    }

    std::map<std::string, std::string, std::less<>> names;
};

}  // namespace arngate::mapping
