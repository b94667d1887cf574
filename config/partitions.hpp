#pragma once

#include "config/document.hpp"
#include "config/report.hpp"

namespace arngate::config {

/// Reads `sts.partitions` and makes each known by aws::add_partition, so before anything that reads ARNs or names a
/// partition. What cannot be added is a problem of the report.
void read_partitions(const Node& root, Report& report);

}  // namespace arngate::config
