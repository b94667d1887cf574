#include "daemon/reload.hpp"

#include "tests/daemon/app/temp_directory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace arngate {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

class ReloadOfAFile : public testing::Test {
protected:
    void configure(const std::string& server) const { directory_.write("c.yaml", "clusterID: c\nserver:\n" + server); }
    [[nodiscard]] config::LoadRequest request() const {
        config::LoadRequest request;
        request.file = directory_.path() + "/c.yaml";
        return request;
    }

    TempDirectory directory_;
    boost::asio::io_context loop_{1};
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{loop_.get_executor()};
};

TEST_F(ReloadOfAFile, GivesATableOfTheGenerationAskedFor) {
    configure("  mapAccounts: ['111122223333']\n");
    Reload reload(loop_.get_executor(), request(), {});
    std::vector<Reload::Outcome> outcomes;
    reload.start(5, [&](Reload::Outcome outcome) { outcomes.push_back(std::move(outcome)); });
    EXPECT_THAT(outcomes, IsEmpty());
    loop_.run_one();
    ASSERT_EQ(outcomes.size(), 1U);
    ASSERT_NE(outcomes[0].table, nullptr);
    EXPECT_EQ(outcomes[0].table->generation(), 5U);
    EXPECT_EQ(outcomes[0].table->entries(), 1U);
}

TEST_F(ReloadOfAFile, NamesWhatIsWrong) {
    configure("  mapAccounts: [\n");
    Reload reload(loop_.get_executor(), request(), {});
    std::vector<Reload::Outcome> outcomes;
    reload.start(2, [&](Reload::Outcome outcome) { outcomes.push_back(std::move(outcome)); });
    loop_.run_one();
    ASSERT_EQ(outcomes.size(), 1U);
    EXPECT_EQ(outcomes[0].table, nullptr);
    ASSERT_FALSE(outcomes[0].problems.empty());
    EXPECT_THAT(outcomes[0].problems.front(), HasSubstr("c.yaml:"));
}

TEST_F(ReloadOfAFile, NamesWhatActsOnlyAfterARestart) {
    configure("  port: 1\n");
    const auto running = config::load(request());
    ASSERT_TRUE(running.has_value());
    configure("  port: 2\n  mapAccounts: ['111122223333']\n  prot: 3\n");
    Reload reload(loop_.get_executor(), request(), running->values);
    std::vector<Reload::Outcome> outcomes;
    reload.start(2, [&](Reload::Outcome outcome) { outcomes.push_back(std::move(outcome)); });
    loop_.run_one();
    ASSERT_EQ(outcomes.size(), 1U);
    ASSERT_NE(outcomes[0].table, nullptr);
    EXPECT_THAT(
        outcomes[0].warnings,
        testing::ElementsAre(
            HasSubstr("Did you mean server.port?"), "server.port has changed, which acts only after a restart"
        )
    );
}

TEST_F(ReloadOfAFile, RefusesASourceThatCannotBeRead) {
    configure("  backendMode: [EKSConfigMap]\n");
    Reload reload(loop_.get_executor(), request(), {});
    std::vector<Reload::Outcome> outcomes;
    reload.start(2, [&](Reload::Outcome outcome) { outcomes.push_back(std::move(outcome)); });
    loop_.run_one();
    ASSERT_EQ(outcomes.size(), 1U);
    EXPECT_EQ(outcomes[0].table, nullptr);
}

TEST_F(ReloadOfAFile, ReadsOnceMoreWhenAskedWhileItReads) {
    configure("  mapAccounts: ['111122223333']\n");
    Reload reload(loop_.get_executor(), request(), {});
    std::vector<std::uint64_t> generations;
    const auto done = [&](const Reload::Outcome& outcome) { generations.push_back(outcome.table->generation()); };
    reload.start(2, done);
    reload.start(2, done);
    reload.start(2, done);
    loop_.run_one();
    loop_.run_one();
    EXPECT_EQ(generations, (std::vector<std::uint64_t>{2, 3}));
    EXPECT_EQ(loop_.poll(), 0U);
}

}  // namespace
}  // namespace arngate
