#include "daemon/pki/pem.hpp"

#include "daemon/pki/self_signed.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace arngate::pki {
namespace {

constexpr WallTime frozen{std::chrono::seconds(1767323045)};

class Pem : public testing::Test {
protected:
    PrivateKey key_ = generate_key(KeyAlgorithm::ecdsa_p256);
    SubjectNames names_{{"localhost"}, {"127.0.0.1", "::1"}};
    std::string pem_ = self_signed_certificate(*key_, names_, frozen, "a-name");
};

TEST_F(Pem, SaysWhatACertificateIsFor) {
    const Certificate certificate = parse_certificate(pem_);
    ASSERT_NE(certificate, nullptr);
    EXPECT_EQ(common_name_of(*certificate), "a-name");
    EXPECT_EQ(names_of(*certificate), names_);
    EXPECT_EQ(not_before(*certificate), frozen);
    EXPECT_EQ(not_after(*certificate), frozen + std::chrono::days(36'500));
    EXPECT_EQ(fingerprint(*certificate).size(), 64U);
    EXPECT_EQ(certificate_pem(*certificate), pem_);
    EXPECT_TRUE(is_self_signed(*certificate));
}

TEST_F(Pem, ReadsEveryCertificateOfAText) {
    EXPECT_EQ(parse_certificates("a note\n" + pem_ + "another\n" + pem_).size(), 2U);
    EXPECT_TRUE(parse_certificates("a note").empty());
    EXPECT_TRUE(parse_certificates("").empty());
    EXPECT_EQ(parse_certificates(pem_ + pem_.substr(0, pem_.size() / 2)).size(), 1U);
}

TEST_F(Pem, TellsWhoseKeyItIs) {
    const Certificate certificate = parse_certificate(pem_);
    EXPECT_TRUE(belong_together(*certificate, *key_));
    EXPECT_FALSE(belong_together(*certificate, *generate_key(KeyAlgorithm::ecdsa_p256)));
    EXPECT_FALSE(belong_together(*certificate, *generate_key(KeyAlgorithm::rsa_2048)));
}

TEST_F(Pem, FindsNoKeyInOtherTexts) {
    EXPECT_NE(parse_key(private_key_pem(*key_)), nullptr);
    EXPECT_EQ(parse_key(pem_), nullptr);
    EXPECT_EQ(parse_key(""), nullptr);
    EXPECT_EQ(parse_certificate(private_key_pem(*key_)), nullptr);
}

}  // namespace
}  // namespace arngate::pki
