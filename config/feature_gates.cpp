#include "config/feature_gates.hpp"

#include "config/problem.hpp"
#include "core/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>

namespace arngate::config {
namespace {

constexpr std::string_view sso_role_match = "SSORoleMatch";
/// All of them alpha.
constexpr std::array<std::string_view, 3> gates{"ConfiguredInitDirectories", "IAMIdentityMappingCRD", sso_role_match};

}  // namespace

std::expected<std::map<std::string, bool>, FeatureGateError> resolve_feature_gates(
    Profile profile, std::span<const std::string> given
) {
    std::map<std::string, bool> groups;
    std::map<std::string, bool> named;
    for (const std::string& item : given) {
        const std::string_view text = text::trim(item);
        if (text.empty())
            continue;
        const std::size_t equals = text.find('=');
        const std::string name(text::trim(text.substr(0, equals)));
        const std::string value =
            equals == std::string_view::npos ? std::string() : text::to_lower(text::trim(text.substr(equals + 1)));
        const bool is_group = name == "AllAlpha" || name == "AllBeta";
        if (!is_group && std::ranges::find(gates, name) == gates.end()) {
            return std::unexpected(
                FeatureGateError{quote(name), fmt::format("one of AllAlpha, AllBeta, {}", fmt::join(gates, ", "))}
            );
        }
        const bool on = value == "true" || value == "t" || value == "1";
        if (!on && value != "false" && value != "f" && value != "0") {
            return std::unexpected(FeatureGateError{quote(text), fmt::format("{0}=true or {0}=false", name)});
        }
        (is_group ? groups : named)[name] = on;
    }
    std::map<std::string, bool> resolved;
    const auto all = groups.find("AllAlpha");
    for (const std::string_view gate : gates) {
        bool on = gate == sso_role_match && profile == Profile::arngate;
        if (all != groups.end())
            on = all->second;
        const auto own = named.find(std::string(gate));
        resolved[std::string(gate)] = own == named.end() ? on : own->second;
    }
    return resolved;
}

}  // namespace arngate::config
