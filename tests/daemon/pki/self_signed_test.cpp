#include "daemon/pki/self_signed.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <chrono>
#include <memory>
#include <string>

namespace arngate::pki {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

struct NamesCase {
    const char* address;
    const char* hostname;
    SubjectNames expected;
};

TEST(SubjectNames, PutsEachNameWhereItBelongs) {
    for (const auto& [address, hostname, expected] : {
             NamesCase{"127.0.0.1", "localhost", {{"localhost"}, {"127.0.0.1"}}},
             NamesCase{"0.0.0.0", "localhost", {{"localhost"}, {}}},
             NamesCase{"::", "localhost", {{"localhost"}, {}}},
             NamesCase{"", "localhost", {{"localhost"}, {}}},
             NamesCase{"10.0.0.1", "10.0.0.1", {{}, {"10.0.0.1"}}},
             NamesCase{"10.0.0.1", "10.0.0.2", {{}, {"10.0.0.1", "10.0.0.2"}}},
             NamesCase{"0:0::1", "::1", {{}, {"::1"}}},
             NamesCase{"node.internal", "Node.Internal", {{"node.internal"}, {}}},
             NamesCase{"node.internal", "webhook", {{"node.internal", "webhook"}, {}}},
         }) {
        const auto names = subject_names(address, hostname);
        ASSERT_TRUE(names.has_value()) << address << ' ' << hostname << ": " << names.error();
        EXPECT_EQ(names->dns, expected.dns) << address << ' ' << hostname;
        EXPECT_EQ(names->ips, expected.ips) << address << ' ' << hostname;
    }
}

TEST(SubjectNames, RefusesWhatIsNeitherAddressNorName) {
    const std::string label(64, 'a');
    for (const std::string& name :
         {std::string("a b"), std::string("a..b"), std::string(".a"), std::string("*.a"), std::string("a,DNS:b"), label
         }) {
        EXPECT_FALSE(subject_names("127.0.0.1", name).has_value()) << name;
        EXPECT_FALSE(subject_names(name, "localhost").has_value()) << name;
    }
    EXPECT_TRUE(subject_names("127.0.0.1", label.substr(1)).has_value());
}

TEST(SubjectNames, RefusesToNameNothing) {
    EXPECT_FALSE(subject_names("0.0.0.0", "").has_value());
    EXPECT_FALSE(subject_names("::", "0.0.0.0").has_value());
}

struct X509Deleter {
    void operator()(X509* certificate) const noexcept { X509_free(certificate); }
};
using Certificate = std::unique_ptr<X509, X509Deleter>;

Certificate read(const std::string& pem) {
    BIO* bio = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
    Certificate certificate(PEM_read_bio_X509(bio, nullptr, nullptr, nullptr));
    BIO_free(bio);
    return certificate;
}

std::string print(X509* certificate) {
    BIO* bio = BIO_new(BIO_s_mem());
    X509_print_ex(bio, certificate, XN_FLAG_ONELINE, 0);
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio, &data);
    std::string text(data, static_cast<std::size_t>(size));
    BIO_free(bio);
    return text;
}

constexpr WallTime frozen{std::chrono::seconds(1767323045)};  // 2026-01-02 03:04:05 UTC

class SelfSigned : public testing::TestWithParam<KeyAlgorithm> {};

TEST_P(SelfSigned, HasTheDocumentedProperties) {
    const PrivateKey key = generate_key(GetParam());
    const SubjectNames names{{"localhost"}, {"127.0.0.1", "2001:db8::1"}};
    const Certificate certificate = read(self_signed_certificate(*key, names, frozen));
    ASSERT_NE(certificate, nullptr);
    X509* x = certificate.get();

    EXPECT_EQ(X509_verify(x, key.get()), 1);
    EXPECT_EQ(X509_check_host(x, "localhost", 0, 0, nullptr), 1);
    EXPECT_EQ(X509_check_host(x, "aws-iam-authenticator", 0, 0, nullptr), 0);
    EXPECT_EQ(X509_check_ip_asc(x, "127.0.0.1", 0), 1);
    EXPECT_EQ(X509_check_ip_asc(x, "2001:db8::1", 0), 1);
    EXPECT_EQ(X509_check_ip_asc(x, "127.0.0.2", 0), 0);
    EXPECT_EQ(X509_check_ca(x), 1);
    EXPECT_EQ(X509_check_purpose(x, X509_PURPOSE_SSL_SERVER, 0), 1);
    EXPECT_EQ(X509_get_pathlen(x), -1);
    EXPECT_EQ(X509_get_extended_key_usage(x), static_cast<std::uint32_t>(XKU_SSL_SERVER));
    EXPECT_NE(X509_get0_subject_key_id(x), nullptr);
    EXPECT_EQ(X509_get0_authority_key_id(x), nullptr);

    const std::string text = print(x);
    EXPECT_THAT(text, HasSubstr("Subject: CN = aws-iam-authenticator\n"));
    EXPECT_THAT(text, HasSubstr("Issuer: CN = aws-iam-authenticator\n"));
    EXPECT_THAT(text, HasSubstr("Not Before: Jan  2 03:04:05 2026 GMT"));
    EXPECT_THAT(text, HasSubstr("Not After : Dec  9 03:04:05 2125 GMT"));
    EXPECT_THAT(text, HasSubstr("X509v3 Key Usage: critical\n"));
    EXPECT_THAT(text, HasSubstr("X509v3 Basic Constraints: critical\n"));
}

TEST_P(SelfSigned, NeverRepeatsASerialNumber) {
    const PrivateKey key = generate_key(GetParam());
    const SubjectNames names{{"localhost"}, {}};
    const Certificate first = read(self_signed_certificate(*key, names, frozen));
    const Certificate second = read(self_signed_certificate(*key, names, frozen));
    EXPECT_NE(ASN1_INTEGER_cmp(X509_get0_serialNumber(first.get()), X509_get0_serialNumber(second.get())), 0);
}

INSTANTIATE_TEST_SUITE_P(Algorithms, SelfSigned, testing::Values(KeyAlgorithm::ecdsa_p256, KeyAlgorithm::rsa_2048));

TEST(SelfSignedKey, IsWrittenInTheFormOfItsKind) {
    const PrivateKey ec = generate_key(KeyAlgorithm::ecdsa_p256);
    EXPECT_THAT(private_key_pem(*ec), StartsWith("-----BEGIN PRIVATE KEY-----\n"));
    const PrivateKey rsa = generate_key(KeyAlgorithm::rsa_2048);
    EXPECT_THAT(private_key_pem(*rsa), StartsWith("-----BEGIN RSA PRIVATE KEY-----\n"));
    EXPECT_EQ(EVP_PKEY_get_bits(rsa.get()), 2048);
}

TEST(SelfSignedKey, UsageOfAnEllipticKeyLeavesEnciphermentOut) {
    const PrivateKey ec = generate_key(KeyAlgorithm::ecdsa_p256);
    const Certificate certificate = read(self_signed_certificate(*ec, {{"localhost"}, {}}, frozen));
    EXPECT_EQ(
        X509_get_key_usage(certificate.get()), static_cast<std::uint32_t>(KU_DIGITAL_SIGNATURE | KU_KEY_CERT_SIGN)
    );
    const PrivateKey rsa = generate_key(KeyAlgorithm::rsa_2048);
    const Certificate other = read(self_signed_certificate(*rsa, {{"localhost"}, {}}, frozen));
    EXPECT_EQ(
        X509_get_key_usage(other.get()),
        static_cast<std::uint32_t>(KU_DIGITAL_SIGNATURE | KU_KEY_ENCIPHERMENT | KU_KEY_CERT_SIGN)
    );
}

}  // namespace
}  // namespace arngate::pki
