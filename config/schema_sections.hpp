#pragma once

#include "config/schema.hpp"

#include <string_view>
#include <vector>

/// The paths of the schema as a tree, for what describes it.
namespace arngate::config {

/// "server.tls" of "server.tls.certFile"; empty at the top level.
[[nodiscard]] std::string_view section_of(std::string_view path);
/// "certFile" of "server.tls.certFile".
[[nodiscard]] std::string_view leaf_of(std::string_view path);
/// The sections in the order of the schema, the empty one first.
[[nodiscard]] std::vector<std::string_view> sections();

}  // namespace arngate::config
