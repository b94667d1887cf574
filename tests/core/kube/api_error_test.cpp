#include "core/kube/api_error.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace arngate::kube {
namespace {

TEST(ApiError, TellsFaultsApartByStatus) {
    for (const auto& [status, fault] : std::initializer_list<std::pair<int, Fault>>{
             {204, Fault::bad_answer},
             {302, Fault::bad_answer},
             {400, Fault::rejected},
             {401, Fault::unauthorized},
             {403, Fault::forbidden},
             {404, Fault::not_found},
             {408, Fault::unavailable},
             {409, Fault::conflict},
             {422, Fault::rejected},
             {429, Fault::unavailable},
             {500, Fault::unavailable},
             {504, Fault::unavailable}
         }) {
        EXPECT_EQ(error_of_answer(status, "").fault, fault) << status;
    }
}

TEST(ApiError, TakesTheMessageOfAStatusAlone) {
    EXPECT_EQ(error_of_answer(403, R"({"kind":"Status","message":"no \"x\""})").server_message, "no \"x\"");
    for (const char* body :
         {"", "{", "[]", R"({"message":"x"})", R"({"kind":"Pod","message":"x"})", R"({"kind":"Status","message":1})"}) {
        EXPECT_EQ(error_of_answer(403, body).server_message, "") << body;
    }
}

TEST(ApiError, MakesTheMessagePrintableAndShort) {
    EXPECT_EQ(error_of_answer(403, R"({"kind":"Status","message":"a\u001b[2J\nb\u0000"})").server_message, "a?[2J b?");
    const std::string long_body = R"({"kind":"Status","message":")" + std::string(2000, 'x') + "\"}";
    EXPECT_EQ(error_of_answer(403, long_body).server_message.size(), 1024U);
    const std::string huge = R"({"kind":"Status","message":")" + std::string(65UL * 1024, 'x') + "\"}";
    EXPECT_EQ(error_of_answer(403, huge).server_message, "");
}

}  // namespace
}  // namespace arngate::kube
