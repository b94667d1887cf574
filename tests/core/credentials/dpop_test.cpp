#include "core/credentials/dpop.hpp"

#include "core/base/text.hpp"

#include <gtest/gtest.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

namespace arngate::credentials {
namespace {

using Key = std::unique_ptr<EVP_PKEY, decltype([](EVP_PKEY* key) { EVP_PKEY_free(key); })>;

std::string pem_of(const Key& key) {
    BIO* bio = BIO_new(BIO_s_mem());
    PEM_write_bio_PrivateKey(bio, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio, &data);
    std::string pem(data, static_cast<std::size_t>(size));
    BIO_free(bio);
    return pem;
}

std::string decoded(std::string_view text) {
    std::string out(text::base64url_decoded_size(text.size()), '\0');
    EXPECT_TRUE(text::base64url_decode(text, out.data()));
    return out;
}

TEST(DpopProof, IsSignedWithTheKeyItNames) {
    const Key key(EVP_EC_gen("P-256"));
    const auto proof = dpop_proof(pem_of(key), "https://example.com/v1/token", WallTime(std::chrono::seconds(1000)));
    ASSERT_TRUE(proof) << proof.error();
    const auto pieces = text::split(*proof, '.');
    ASSERT_EQ(pieces.size(), 3U);
    EXPECT_TRUE(decoded(pieces[0]).starts_with(R"({"typ":"dpop+jwt","alg":"ES256","jwk":{"kty":"EC","x":")"));
    EXPECT_TRUE(
        decoded(pieces[1]).starts_with(R"({"htm":"POST","htu":"https://example.com/v1/token","iat":1000,"jti":")")
    );

    const std::string raw = decoded(pieces[2]);
    ASSERT_EQ(raw.size(), 64U);
    const auto* const bytes = reinterpret_cast<const unsigned char*>(raw.data());
    ECDSA_SIG* signature = ECDSA_SIG_new();
    ECDSA_SIG_set0(signature, BN_bin2bn(bytes, 32, nullptr), BN_bin2bn(bytes + 32, 32, nullptr));
    unsigned char* der = nullptr;
    const int size = i2d_ECDSA_SIG(signature, &der);
    EVP_MD_CTX* context = EVP_MD_CTX_new();
    const std::string input = std::string(pieces[0]) + "." + std::string(pieces[1]);
    EVP_DigestVerifyInit(context, nullptr, EVP_sha256(), nullptr, key.get());
    EXPECT_EQ(
        EVP_DigestVerify(
            context,
            der,
            static_cast<std::size_t>(size),
            reinterpret_cast<const unsigned char*>(input.data()),
            input.size()
        ),
        1
    );
    EVP_MD_CTX_free(context);
    OPENSSL_free(der);
    ECDSA_SIG_free(signature);
    // No two are the same.
    EXPECT_NE(*proof, dpop_proof(pem_of(key), "https://example.com/v1/token", WallTime(std::chrono::seconds(1000))));
}

TEST(DpopProof, WantsAKeyOnP256) {
    EXPECT_FALSE(dpop_proof("", "https://example.com/", WallTime{}));
    EXPECT_FALSE(dpop_proof("-----BEGIN EC PRIVATE KEY-----\nAAAA\n-----END EC PRIVATE KEY-----\n", "u", WallTime{}));
    EXPECT_FALSE(dpop_proof(pem_of(Key(EVP_EC_gen("P-384"))), "https://example.com/", WallTime{}));
    EXPECT_FALSE(dpop_proof(pem_of(Key(EVP_EC_gen("P-256"))), "https://example.com/\"", WallTime{}));
}

}  // namespace
}  // namespace arngate::credentials
