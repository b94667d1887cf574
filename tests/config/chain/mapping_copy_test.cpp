#include "config/chain/mapping_copy.hpp"

#include "config/chain/mapping_diff.hpp"
#include "core/aws/sigv4.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace arngate::config {
namespace {

using testing::HasSubstr;

MappingCopy sample() {
    MappingCopy copy;
    copy.place = "cluster/EKSConfigMap";
    copy.read_at = WallTime(std::chrono::seconds(1'704'067'200));
    mapping::SourceRules& rules = copy.rules;
    rules.source = "EKSConfigMap";
    rules.match = mapping::MatchBy::written_arn;
    mapping::Rule role;
    role.arn = "arn:aws:iam::123456789012:role/One";
    role.username = "one:{{SessionName}}";
    role.groups = {"a", ""};
    role.user_id = "AROAEXAMPLE";
    role.origin = {"kube-system/aws-auth mapRoles", 3, 5};
    mapping::Rule sso;
    sso.sso = {{"Admin", "123456789012", "aws-cn"}};
    mapping::Rule like;
    like.arn_like = "arn:aws:iam::123456789012:role/dev-*";
    rules.roles = {role, sso, like};
    rules.users = {role};
    rules.accounts = {"111122223333"};
    rules.reserved_prefixes = {"system:"};
    return copy;
}

auto encode(const MappingCopy& copy) {
    return encode_copy(copy.place, copy.read_at, copy.rules);
}

/// With the right checksum, whatever the fields.
std::string sealed(const std::string& fields) {
    return "arngate-mapping-copy 1 " + aws::sha256_hex(fields) + "\n" + fields;
}

TEST(MappingCopy, ComesBackAsItWas) {
    const auto bytes = encode(sample());
    ASSERT_TRUE(bytes.has_value());
    const auto copy = decode_copy(*bytes);
    ASSERT_TRUE(copy.has_value()) << copy.error();
    EXPECT_EQ(copy->place, "cluster/EKSConfigMap");
    EXPECT_EQ(copy->read_at, sample().read_at);
    EXPECT_EQ(copy->rules.source, "EKSConfigMap");
    EXPECT_TRUE(difference(sample().rules, copy->rules).empty());
    EXPECT_EQ(copy->rules.roles[0].origin.file, "kube-system/aws-auth mapRoles");
    EXPECT_EQ(copy->rules.roles[0].origin.line, 3);
    EXPECT_EQ(copy->rules.roles[0].origin.column, 5);
}

TEST(MappingCopy, MayBeEmpty) {
    const auto copy = decode_copy(*encode({}));
    ASSERT_TRUE(copy.has_value());
    EXPECT_EQ(count_entries(copy->rules), 0U);
}

TEST(MappingCopy, IsRefusedWithAnyByteChanged) {
    const std::string bytes = *encode(sample());
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        std::string damaged = bytes;
        damaged[i] = static_cast<char>(damaged[i] ^ 1);
        EXPECT_FALSE(decode_copy(damaged).has_value()) << i;
    }
}

TEST(MappingCopy, IsRefusedCutShortAnywhere) {
    const std::string bytes = *encode(sample());
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        EXPECT_FALSE(decode_copy(std::string_view(bytes).substr(0, size)).has_value()) << size;
    }
    EXPECT_FALSE(decode_copy(bytes + "x").has_value());
}

TEST(MappingCopy, IsRefusedWithFieldsThatAreNotWholeThoughTheChecksumIsRight) {
    const std::string bytes = *encode(sample());
    const std::string fields = bytes.substr(bytes.find('\n') + 1);
    ASSERT_TRUE(decode_copy(sealed(fields)).has_value());
    for (std::size_t size = 0; size < fields.size(); ++size) {
        EXPECT_FALSE(decode_copy(sealed(fields.substr(0, size))).has_value()) << size;
    }
    EXPECT_THAT(decode_copy(sealed(fields + '\0')).error(), HasSubstr("not whole"));
}

TEST(MappingCopy, IsRefusedWithACountBeyondWhatIsThere) {
    const std::string fields =
        std::string(4, '\0') + std::string(8, '\0') + std::string(4, '\0') + '\0' + "\xff\xff\xff\xff";
    EXPECT_FALSE(decode_copy_fields(fields).has_value());
}

TEST(MappingCopy, IsRefusedWithValuesThatNoVersionWrites) {
    MappingCopy copy;
    const std::string bytes = *encode(copy);
    const std::string fields = bytes.substr(bytes.find('\n') + 1);
    std::string bad_match = fields;
    bad_match[4 + 8 + 4] = 3;
    EXPECT_THAT(decode_copy_fields(bad_match).error(), HasSubstr("no version writes"));
    std::string bad_date = fields;
    bad_date[4 + 7] = '\x7f';
    EXPECT_THAT(decode_copy_fields(bad_date).error(), HasSubstr("no version writes"));
    // A date that is none of a clock that counts nanoseconds, though the year is before 10,000.
    std::string late = fields;
    late[4 + 4] = '\x32';
    EXPECT_THAT(decode_copy_fields(late).error(), HasSubstr("no version writes"));
}

TEST(MappingCopy, IsRefusedWhenOfAnotherVersion) {
    std::string bytes = *encode(sample());
    bytes.replace(bytes.find('1'), 1, "2");
    EXPECT_THAT(decode_copy(bytes).error(), HasSubstr("another version"));
}

TEST(MappingCopy, IsBoundedInSize) {
    MappingCopy copy;
    copy.place.assign(max_copy_bytes, 'x');
    EXPECT_THAT(encode(copy).error(), HasSubstr("larger than"));
    EXPECT_THAT(decode_copy(std::string(max_copy_bytes + 1, 'x')).error(), HasSubstr("larger than"));
}

}  // namespace
}  // namespace arngate::config
