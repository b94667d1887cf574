#pragma once

#include "config/settings.hpp"
#include "config/value.hpp"

#include <span>
#include <string_view>

namespace arngate::config {

/// Where the value of one key goes. Together with the schema: what a key is, and what it sets.
struct Binding {
    std::string_view path;
    void (*apply)(Settings& settings, const Value& value);  ///< the value is one of the key's own type and limits
};

/// One for each key of the schema but the obsolete ones, the mapping's (config/rules.hpp), and those that need more
/// than their own value: compat, feature-gates, server.metricsAddress, server.metricsPort.
[[nodiscard]] std::span<const Binding> bindings() noexcept;
[[nodiscard]] const Binding* find_binding(std::string_view path) noexcept;

}  // namespace arngate::config
