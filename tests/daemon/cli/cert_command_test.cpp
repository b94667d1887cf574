#include "tests/daemon/cli/program.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace arngate::cli {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class Cert : public testing::Test {
protected:
    void SetUp() override { ASSERT_EQ(call({"init", "-i", "c"}).status, 0); }

    Result call(std::vector<std::string> words) {
        const std::string& directory = program_.directory();
        words.insert(words.begin(), "arngate");
        program_.set("ARNGATE_SERVER_STATE_DIR", directory);
        program_.set("ARNGATE_SERVER_GENERATE_KUBECONFIG", directory + "/kubeconfig.yaml");
        return program_.run(words);
    }
    [[nodiscard]] std::string content(const std::string& name) const {
        std::ifstream stream(program_.directory() + "/" + name);
        return {std::istreambuf_iterator<char>(stream), {}};
    }

    Program program_;
};

TEST_F(Cert, ShowsWhatIsServed) {
    const Result shown = call({"cert", "show"});
    EXPECT_EQ(shown.status, 0) << shown.err;
    EXPECT_THAT(shown.out, AllOf(HasSubstr("serves: aws-iam-authenticator"), HasSubstr("localhost, 127.0.0.1")));
    EXPECT_THAT(shown.out, Not(HasSubstr("clients may trust")));
}

TEST_F(Cert, RotatesInTwoSteps) {
    const std::string kubeconfig = content("kubeconfig.yaml");
    const std::string key = content("key.pem");
    const Result begun = call({"cert", "rotate"});
    ASSERT_EQ(begun.status, 0) << begun.err;
    EXPECT_NE(content("key.pem"), key);
    EXPECT_GT(content("kubeconfig.yaml").size(), kubeconfig.size());
    EXPECT_THAT(call({"cert", "show"}).out, AllOf(HasSubstr("clients may trust"), HasSubstr("cert rotate --finish")));

    // Neither init nor a start of the server takes the old certificate out of the kubeconfig.
    const std::string both = content("kubeconfig.yaml");
    ASSERT_EQ(call({"init", "-i", "c"}).status, 0);
    EXPECT_EQ(content("kubeconfig.yaml"), both);

    ASSERT_EQ(call({"cert", "rotate", "--finish"}).status, 0);
    EXPECT_LT(content("kubeconfig.yaml").size(), both.size());
    EXPECT_THAT(call({"cert", "show"}).out, Not(HasSubstr("clients may trust")));
}

TEST_F(Cert, TakesEveryWordForTrue) {
    for (const char* flag : {"--finish=1", "--finish=t", "--finish=TRUE"}) {
        ASSERT_EQ(call({"cert", "rotate"}).status, 0);
        const std::string key = content("key.pem");
        EXPECT_EQ(call({"cert", "rotate", flag}).status, 0) << flag;
        EXPECT_TRUE(content("key.pem") == key) << flag << " begins another rotation";
    }
}

TEST_F(Cert, FinishesNothingThatHasNotBegun) {
    const Result result = call({"cert", "rotate", "--finish"});
    EXPECT_EQ(result.status, 1);
    EXPECT_THAT(result.err, HasSubstr("there is no rotation to finish"));
}

TEST_F(Cert, LeavesCertificatesOfOthersAlone) {
    program_.set("ARNGATE_SERVER_TLS_CERT_FILE", program_.directory() + "/cert.pem");
    program_.set("ARNGATE_SERVER_TLS_KEY_FILE", program_.directory() + "/key.pem");
    const std::string key = content("key.pem");
    const Result result = call({"cert", "rotate"});
    EXPECT_EQ(result.status, 1);
    EXPECT_THAT(result.err, HasSubstr("server.tls.certFile"));
    EXPECT_EQ(content("key.pem"), key);
    EXPECT_EQ(call({"cert", "show"}).status, 0);
}

TEST_F(Cert, SaysWhichFileIsMissing) {
    program_.set("ARNGATE_SERVER_STATE_DIR", program_.directory() + "/nowhere");
    const Result result = program_.run({"arngate", "cert", "rotate"});
    EXPECT_EQ(result.status, 1);
    EXPECT_THAT(result.err, HasSubstr("nowhere"));
}

TEST(Owner, OfInitIsTwoNumbers) {
    Program program;
    for (const std::string owner : {"65532", "a:b", "1:2:3", "-1:0", ":", "4294967295:0", "1: 2"}) {
        const Result result =
            program.run({"arngate", "init", "-i", "c", "--state-dir", program.directory(), "--owner", owner});
        EXPECT_EQ(result.status, 1) << owner;
        EXPECT_THAT(result.err, HasSubstr("--owner: expected two numbers")) << owner;
    }
}

TEST(Health, RefusesWhatItCannotAsk) {
    Program program;
    for (const std::string url :
         {"https://127.0.0.1/",
          "127.0.0.1:1",
          "http://",
          "http://host:0/",
          "http://host:99999/",
          "http://h/a b",
          "http://h/\xc3\xa4",
          "http://[::1",
          "http://::1/"}) {
        const Result result = program.run({"arngate", "health", "--url", url});
        EXPECT_EQ(result.status, 1) << url;
        EXPECT_THAT(result.err, HasSubstr("--url: expected")) << url;
    }
    for (const std::string timeout : {"0s", "61s", "1", "1ms", "s", "-1s"}) {
        const Result result = program.run({"arngate", "health", "--timeout=" + timeout});
        EXPECT_EQ(result.status, 1) << timeout;
        EXPECT_THAT(result.err, HasSubstr("--timeout: expected")) << timeout;
    }
}

TEST(Health, IsBadWhereNobodyListens) {
    Program program;
    program.set("ARNGATE_SERVER_HEALTH_PORT", "1");
    const Result result = program.run({"arngate", "health"});
    EXPECT_EQ(result.status, 1);
    EXPECT_THAT(result.err, HasSubstr("not healthy: http://127.0.0.1:1/readyz: "));
}

}  // namespace
}  // namespace arngate::cli
