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
    return exec_credential(minted, exec_info);
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

}  // namespace
}  // namespace arngate::token
