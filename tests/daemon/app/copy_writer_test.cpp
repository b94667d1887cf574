#include "daemon/copy_writer.hpp"

#include "tests/daemon/app/log_lines.hpp"
#include "tests/support/temp_directory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace arngate {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::HasSubstr;

constexpr SteadyTime start{seconds(1000)};
constexpr WallTime read_at{seconds(1767323045)};

CopyWriter::Copy copy_of(const std::string& account, const std::string& source = "CRD") {
    mapping::SourceRules rules;
    rules.source = source;
    rules.accounts = {account};
    return {"c", std::make_shared<const mapping::SourceRules>(std::move(rules)), read_at};
}

class CopyWriterTest : public testing::Test {
protected:
    /// The account in the copy of a source, which is removed; empty: there is none.
    [[nodiscard]] std::string take(const std::string& source) const {
        const auto copy = copies_.load(source, "c");
        if (!copy || !*copy) {
            return {};
        }
        EXPECT_EQ((*copy)->read_at, read_at);
        std::filesystem::remove(directory_.file("mapping-" + source + ".copy"));
        return (*copy)->rules.accounts.front();
    }

    LogLines log_;
    TempDirectory directory_;
    MappingCopies copies_{directory_.path()};
    CopyWriter writer_{&copies_};
};

TEST_F(CopyWriterTest, HasNothingToDoAtFirst) {
    EXPECT_EQ(writer_.next_time(), std::nullopt);
    writer_.on_time(start);
    writer_.finish(start);
    EXPECT_EQ(directory_.count(), 0U);
}

TEST_F(CopyWriterTest, WritesTheFirstAtOnceAndOthersOnceASecondAtMost) {
    writer_.add("CRD", copy_of("111111111111"), start);
    EXPECT_EQ(writer_.next_time(), start);
    writer_.on_time(start);
    EXPECT_EQ(take("CRD"), "111111111111");
    EXPECT_EQ(writer_.next_time(), std::nullopt);

    writer_.add("CRD", copy_of("222222222222"), start + milliseconds(1));
    writer_.add("CRD", copy_of("333333333333"), start + milliseconds(2));
    writer_.add("EKSConfigMap", copy_of("444444444444", "EKSConfigMap"), start + milliseconds(3));
    EXPECT_EQ(writer_.next_time(), start + seconds(1));
    writer_.on_time(start + milliseconds(999));
    EXPECT_EQ(directory_.count(), 0U);
    writer_.on_time(start + seconds(1));
    EXPECT_EQ(take("CRD"), "333333333333");
    EXPECT_EQ(take("EKSConfigMap"), "444444444444");

    writer_.add("CRD", copy_of("555555555555"), start + seconds(5));
    EXPECT_EQ(writer_.next_time(), start + seconds(5));
}

TEST_F(CopyWriterTest, WritesWhatIsDueAtTheEnd) {
    writer_.add("CRD", copy_of("111111111111"), start);
    writer_.on_time(start);
    writer_.add("CRD", copy_of("222222222222"), start);
    writer_.finish(start);
    EXPECT_EQ(take("CRD"), "222222222222");
    writer_.finish(start);
    EXPECT_EQ(take("CRD"), "");
}

TEST_F(CopyWriterTest, LetsGoOfWhatItHasWritten) {
    CopyWriter::Copy copy = copy_of("111111111111");
    const std::weak_ptr<const mapping::SourceRules> rules = copy.rules;
    writer_.add("CRD", std::move(copy), start);
    EXPECT_FALSE(rules.expired());
    writer_.on_time(start);
    EXPECT_TRUE(rules.expired());
}

TEST_F(CopyWriterTest, SaysOnceOfASourceThatItCannotBeKept) {
    copies_ = MappingCopies(directory_.file("none"));
    SteadyTime now = start;
    for (const char* account : {"111111111111", "222222222222"}) {
        writer_.add("CRD", copy_of(account), now);
        writer_.on_time(now);
        now += seconds(1);
    }
    const std::string all = log_.all();
    const auto first = all.find("could not be kept");
    ASSERT_NE(first, std::string::npos);
    EXPECT_EQ(all.find("could not be kept", first + 1), std::string::npos);
    writer_.add("EKSConfigMap", copy_of("333333333333", "EKSConfigMap"), now);
    writer_.on_time(now);
    EXPECT_THAT(log_.all(), HasSubstr("source=EKSConfigMap"));
}

TEST_F(CopyWriterTest, KeepsNothingWithoutAPlaceToKeepIt) {
    CopyWriter none(nullptr);
    none.add("CRD", copy_of("111111111111"), start);
    EXPECT_EQ(none.next_time(), std::nullopt);
    none.finish(start);
}

}  // namespace
}  // namespace arngate
