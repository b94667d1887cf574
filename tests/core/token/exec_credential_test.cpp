#include "core/token/exec_credential.hpp"

#include "core/token/mint.hpp"
#include "tests/core/token/sample.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace arngate::token {
namespace {

std::string line_for(std::string_view exec_info) {
    MintedToken minted;
    minted.token = Secret("k8s-aws-v1.TOKEN");
    minted.expires_at = sample::at("20260102T031805Z");
    return std::string(exec_credential(minted, read_exec_info(exec_info).api_version).expose());
}

constexpr std::string_view by_default = R"("apiVersion":"client.authentication.k8s.io/v1beta1",)";

TEST(ExecCredential, FallsBackWhenKubectlToldNoExecCredential) {
    for (const std::string_view info :
         {"",
          " ",
          "x",
          "[]",
          "1",
          "\"v1\"",
          "true",
          R"({"apiVersion":"v1")",
          R"({"apiVersion":"v1"} x)",
          R"({"apiVersion":5})",
          R"({"apiVersion":{}})",
          R"({"apiVersion":"v1","kind":1})",
          R"({"apiVersion":"v1","spec":[]})",
          R"({"apiVersion":"v1","spec":{"interactive":"yes"}})",
          R"({"apiVersion":"v1","spec":{"Interactive":1}})",
          "{\"apiVersion\":\"\xff\"}"}) {
        EXPECT_NE(line_for(info).find(by_default), std::string::npos) << info;
    }
}

TEST(ExecCredential, LeavesTheVersionOutWhenKubectlToldNone) {
    for (const std::string_view info :
         {"null", "{}", R"({"apiVersion":null})", R"({"apiVersion":""})", R"({"kind":null})"}) {
        EXPECT_EQ(line_for(info).find("apiVersion"), std::string::npos) << info;
    }
}

TEST(ExecCredential, IgnoresLetterCaseOfKeysAsGoDoes) {
    for (const std::string_view info :
         {R"({"APIVERSION":"v7"})",
          R"({"apiversion":"v7","KIND":"ExecCredential","Spec":{}})",
          R"({"apiVersion":"v1","ApiVersion":"v7"})",
          R"({"apiVersion":"v7","apiversion":null})"}) {
        EXPECT_NE(line_for(info).find(R"("apiVersion":"v7")"), std::string::npos) << info;
    }
    for (const std::string_view info : {R"({"apiVersion":"v7","SPEC":[]})", R"({"apiVersion":"v7","Kind":1})"}) {
        EXPECT_NE(line_for(info).find("client.authentication.k8s.io/v1beta1"), std::string::npos) << info;
    }
}

TEST(ExecCredential, CopiesTheVersionAsJsonText) {
    EXPECT_NE(
        line_for(R"({"apiVersion":"a\"b\\c\n\r\t\u0001<&>é","spec":{"interactive":true}})")
            .find(R"("apiVersion":"a\"b\\c\n\r\t\u0001\u003c\u0026\u003eé",)"),
        std::string::npos
    );
}

TEST(ExecCredential, SaysNotInteractiveWhateverKubectlSays) {
    EXPECT_NE(
        line_for(R"({"apiVersion":"v1","spec":{"interactive":true}})").find(R"("spec":{"interactive":false})"),
        std::string::npos
    );
}

TEST(ExecCredential, TakesTheClusterFromTheExtensionOfTheKubeconfig) {
    const auto id = [](std::string_view info) { return read_exec_info(info).cluster_id; };
    EXPECT_EQ(
        id(R"({"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","spec":{"interactive":true,)"
           R"("cluster":{"server":"https://c.example","config":{"clusterID":"prod"}}}})"),
        "prod"
    );
    for (const std::string_view info :
         {"",
          "null",
          R"({"spec":{}})",
          R"({"spec":{"cluster":null}})",
          R"({"spec":{"cluster":{"config":null}}})",
          R"({"spec":{"cluster":{"config":"prod"}}})",
          R"({"spec":{"cluster":{"config":{"clusterID":7}}}})",
          R"({"spec":{"cluster":{"config":{"clusterid":"prod"}}}})",
          R"({"kind":7,"spec":{"cluster":{"config":{"clusterID":"prod"}}}})"}) {
        EXPECT_EQ(id(info), "") << info;
    }
}

TEST(ExecCredential, KnowsTheVersionsThatHaveItsForm) {
    for (const std::string_view version :
         {"",
          "client.authentication.k8s.io/v1",
          "client.authentication.k8s.io/v1beta1",
          "client.authentication.k8s.io/v1alpha1"}) {
        EXPECT_TRUE(is_known_exec_version(version)) << version;
    }
    for (const std::string_view version :
         {"v1", "client.authentication.k8s.io/v2", "client.authentication.k8s.io/", "client.authentication.k8s.io/V1"
         }) {
        EXPECT_FALSE(is_known_exec_version(version)) << version;
    }
}

}  // namespace
}  // namespace arngate::token
