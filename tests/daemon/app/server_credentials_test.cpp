#include "daemon/server_credentials.hpp"

#include "tests/core/net/metadata_service.hpp"
#include "tests/support/manual_clock.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fmt/format.h>

#include <chrono>
#include <map>
#include <string>
#include <string_view>

namespace arngate {
namespace {

using net::test::MetadataService;
using net::test::ok;
using testing::HasSubstr;

constexpr std::string_view document =
    R"({"Code":"Success","AccessKeyId":"ASIAINSTANCEEXAMPLE0","SecretAccessKey":"s","Token":"t",)"
    R"("Expiration":"2024-01-01T06:00:00Z"})";

class ServerCredentialsTest : public ::testing::Test {
protected:
    void ask_at(const MetadataService& service) {
        variables["AWS_EC2_METADATA_DISABLED"] = "false";
        variables["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = fmt::format("http://127.0.0.1:{}", service.where().port());
    }

    std::string read() {
        const auto got = credentials.read();
        return got ? (*got)->access_key_id : got.error();
    }

    ManualClock clock;
    std::map<std::string, std::string, std::less<>> variables{
        {"HOME", "/nonexistent"}, {"AWS_EC2_METADATA_DISABLED", "TRUE"}
    };
    ServerCredentials credentials{clock, [this](const char* name) -> const char* {
                                      const auto found = variables.find(std::string_view(name));
                                      return found == variables.end() ? nullptr : found->second.c_str();
                                  }};
};

TEST_F(ServerCredentialsTest, ComeFromTheInstanceWhereNothingElseNamesAny) {
    MetadataService service({ok("session"), ok("role"), ok(std::string(document))});
    ask_at(service);
    EXPECT_EQ(read(), "ASIAINSTANCEEXAMPLE0");
    EXPECT_EQ(read(), "ASIAINSTANCEEXAMPLE0") << "kept: the service would not answer again";
}

TEST_F(ServerCredentialsTest, DoNotFallToTheInstanceFromWhatIsBroken) {
    variables["AWS_EC2_METADATA_DISABLED"] = "";
    variables["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = "refused: nobody is asked";
    variables["AWS_ACCESS_KEY_ID"] = "AKIAIOSFODNN7EXAMPLE";
    EXPECT_THAT(read(), HasSubstr("set both or neither"));
    clock.advance(std::chrono::seconds(10));
    variables.erase("AWS_ACCESS_KEY_ID");
    variables["AWS_WEB_IDENTITY_TOKEN_FILE"] = "/nonexistent/token";
    EXPECT_THAT(read(), HasSubstr("no role"));
    clock.advance(std::chrono::seconds(10));
    variables["AWS_ROLE_ARN"] = "arn:aws:iam::123456789012:role/Pod";
    EXPECT_THAT(read(), HasSubstr("the web identity token file cannot be read"));
    clock.advance(std::chrono::seconds(10));
    variables.erase("AWS_WEB_IDENTITY_TOKEN_FILE");
    variables["AWS_PROFILE"] = "missing";
    EXPECT_THAT(read(), HasSubstr("missing"));
}

TEST_F(ServerCredentialsTest, NameEveryPlaceThatWasTried) {
    EXPECT_THAT(
        read(),
        testing::StartsWith(
            "no AWS credentials found. Looked at: AWS_ACCESS_KEY_ID (not set), /nonexistent/.aws/credentials (not "
            "there), /nonexistent/.aws/config (not there), container service (AWS_CONTAINER_CREDENTIALS_RELATIVE_URI "
            "and AWS_CONTAINER_CREDENTIALS_FULL_URI are not set), instance metadata (not asked, as "
            "AWS_EC2_METADATA_DISABLED is true); "
        )
    );
}

TEST_F(ServerCredentialsTest, SayThatTheEndpointIsWrongWithoutShowingIt) {
    variables["AWS_EC2_METADATA_DISABLED"] = "";
    variables["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = "https://metadata.example";
    const std::string trouble = read();
    EXPECT_THAT(trouble, HasSubstr("AWS_EC2_METADATA_SERVICE_ENDPOINT: the endpoint is not"));
    EXPECT_THAT(trouble, testing::Not(HasSubstr("metadata.example")));
}

TEST_F(ServerCredentialsTest, SayWhatTheInstanceSaid) {
    MetadataService service({ok("session"), "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"});
    ask_at(service);
    EXPECT_THAT(read(), HasSubstr("instance metadata (no role: status 404)"));
}

}  // namespace
}  // namespace arngate
