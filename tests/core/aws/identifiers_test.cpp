#include "core/aws/identifiers.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string_view>

namespace arngate::aws {
namespace {

TEST(AccountId, IsOfTwelveDigits) {
    EXPECT_TRUE(is_account_id("123456789012"));
    EXPECT_TRUE(is_account_id("000000000000"));
    for (const std::string_view text :
         {"",
          "12345678901",
          "1234567890123",
          "12345678901a",
          "1234-5678-90",
          " 12345678901",
          "123456789012\n",
          "12345678901\xd9",
          "+12345678901"}) {
        EXPECT_FALSE(is_account_id(text)) << text;
    }
}

/// Of another length or beginning than either form has.
constexpr std::array<std::string_view, 13> neither{
    "",
    "i",
    "i-",
    "i-0123456",
    "i-012345678",
    "i-0123456789abcdef",
    "i-0123456789abcdef01",
    "I-01234567",
    "i_01234567",
    "x-01234567",
    "m-01234567",
    " i-01234567",
    "i-01234567\n",
};

TEST(InstanceId, OfEc2HasLowerCaseHexDigits) {
    for (const std::string_view id : {"i-0123456789abcdef0", "i-01234567", "i-abcdef09"}) {
        EXPECT_TRUE(is_ec2_instance_id(id)) << id;
    }
    for (const std::string_view id : {"i-0123456G", "i-0123456g", "i-ABCDEF01", "i-0123456_", "i-0123456\xc3"}) {
        EXPECT_FALSE(is_ec2_instance_id(id)) << id;
    }
}

TEST(InstanceId, OfATemplateHasLettersDigitsAndUnderscores) {
    for (const std::string_view text : {"i-01234567", "i-0123456789abcdef0", "i-ABCD_123", "i-0123456g"}) {
        EXPECT_TRUE(has_instance_id_shape(text)) << text;
    }
    for (const std::string_view text : {"i-0123456-", "i-0123456\xc3", "i-0123456."}) {
        EXPECT_FALSE(has_instance_id_shape(text)) << text;
    }
}

TEST(InstanceId, HasTwoLengthsAndOneBeginning) {
    for (const std::string_view text : neither) {
        EXPECT_FALSE(is_ec2_instance_id(text)) << text;
        EXPECT_FALSE(has_instance_id_shape(text)) << text;
    }
}

}  // namespace
}  // namespace arngate::aws
