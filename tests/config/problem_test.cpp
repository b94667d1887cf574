#include "config/problem.hpp"

#include <gtest/gtest.h>

namespace arngate::config {
namespace {

TEST(Problem, NamesPlaceFindingExpectationAndAdvice) {
    const Problem problem{"c.yaml", 3, 7, "server.port", "\"x\"", "a whole number", "Write 21362."};
    EXPECT_EQ(problem.text(), "c.yaml:3:7: server.port: found \"x\", expected a whole number. Write 21362.");
}

TEST(Problem, StaysOneLineWhateverTheKeyHolds) {
    const Problem problem{"c\n.yaml", 0, 0, "a\r\nlevel=info\t\x7f", "nothing", "", ""};
    EXPECT_EQ(problem.text(), "c?.yaml: a??level=info??: found nothing.");
}

}  // namespace
}  // namespace arngate::config
