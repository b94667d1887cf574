#include "config/partitions.hpp"

#include "config/entry_reader.hpp"
#include "core/aws/added_partitions.hpp"

#include <array>
#include <string_view>
#include <utility>

namespace arngate::config {

void read_partitions(const Node& root, Report& report) {
    for_each_entry(root, "sts.partitions", report, [&report](const EntryReader& entry) {
        constexpr std::array<std::string_view, 4> fields{"id", "dnsSuffix", "dualStackSuffix", "regions"};
        entry.check_fields(fields);
        const aws::PartitionDefinition definition{
            entry.text("id"), entry.text("dnsSuffix"), entry.text("dualStackSuffix"), entry.list("regions")
        };
        if (auto added = aws::add_partition(definition); !added) {
            report.problem(
                entry.node().at, {entry.path(), "a partition that cannot be added", {}, std::move(added.error()) + '.'}
            );
        }
    });
}

}  // namespace arngate::config
