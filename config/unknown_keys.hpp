#pragma once

#include "config/document.hpp"
#include "config/load.hpp"
#include "config/report.hpp"

namespace arngate::config {

/// Warns of keys of a configuration document that the schema does not know, with the nearest one that it knows, of
/// obsolete ones, and of those that only a flag can give. A section that is no map is a problem.
void check_keys(const Node& root, Purpose purpose, Report& report);

}  // namespace arngate::config
