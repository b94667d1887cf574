#include "config/partitions.hpp"

#include "config/load.hpp"
#include "core/aws/partition.hpp"

#include <gtest/gtest.h>

#include <string>

namespace arngate::config {
namespace {

std::string problems(const std::string& text) {
    const auto root = parse_document("c.yaml", text);
    if (!root) {
        return "does not parse";
    }
    Report report("c.yaml");
    read_partitions(*root, report);
    std::string out;
    for (const Problem& problem : report.take_problems()) {
        out += problem.text() + '\n';
    }
    return out;
}

TEST(Partitions, AreKnownToTheRestOfTheFile) {
    EXPECT_EQ(
        problems("sts:\n  partitions:\n    - id: aws-file\n      dnsSuffix: amazonaws.example\n"
                 "      regions: [file-east-1]\n"),
        ""
    );
    const aws::Partition* added = aws::find_partition("aws-file");
    ASSERT_NE(added, nullptr);
    EXPECT_FALSE(added->accepts_dual_stack);
    EXPECT_EQ(aws::partition_of_region("file-east-1"), added);
}

TEST(Partitions, NameTheEntryThatCannotBeAdded) {
    EXPECT_EQ(problems(""), "");
    EXPECT_EQ(
        problems("sts:\n  partitions:\n    - id: aws-cn\n      dnsSuffix: amazonaws.example\n      regions: x-1\n"),
        "c.yaml:3:7: sts.partitions[0]: found a partition that cannot be added. the partition aws-cn is known already, "
        "with other hosts or regions.\n"
    );
    EXPECT_NE(problems("sts: {partitions: 3}").find("a list of entries"), std::string::npos);
    EXPECT_NE(problems("sts: {partitions: [{id: aws-half}]}").find("sts.partitions[0]"), std::string::npos);
    EXPECT_EQ(aws::find_partition("aws-half"), nullptr);
}

}  // namespace
}  // namespace arngate::config
