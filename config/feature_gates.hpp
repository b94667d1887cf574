#pragma once

#include "config/settings.hpp"

#include <expected>
#include <map>
#include <span>
#include <string>

namespace arngate::config {

struct FeatureGateError {
    std::string found;
    std::string expected;
};

/// Every gate with its value: those of the profile, overlaid by "NAME=true" and "NAME=false" texts. The groups AllAlpha
/// and AllBeta stand behind names that are given themselves, wherever they are written.
[[nodiscard]] std::expected<std::map<std::string, bool>, FeatureGateError> resolve_feature_gates(
    Profile profile, std::span<const std::string> given
);

}  // namespace arngate::config
