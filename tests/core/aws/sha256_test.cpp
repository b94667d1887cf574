#include "core/aws/sha256.hpp"

#include "core/base/text.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace arngate::aws {
namespace {

std::string hex(const Sha256Digest& digest) {
    return text::hex({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

// FIPS 180-4, examples of NIST.
TEST(Sha256, GivesTheDigestsOfTheStandard) {
    EXPECT_EQ(hex(sha256("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    EXPECT_EQ(hex(sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(
        hex(sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")),
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    );
    EXPECT_EQ(
        hex(sha256(std::string(1'000'000, 'a'))), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
    );
}

// RFC 4231, cases 1, 2, 6 and 7.
TEST(HmacSha256, GivesTheCodesOfTheStandard) {
    EXPECT_EQ(
        hex(hmac_sha256(std::string(20, '\x0b'), "Hi There")),
        "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
    );
    EXPECT_EQ(
        hex(hmac_sha256("Jefe", "what do ya want for nothing?")),
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    );
    const std::string long_key(131, '\xaa');
    EXPECT_EQ(
        hex(hmac_sha256(long_key, "Test Using Larger Than Block-Size Key - Hash Key First")),
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
    );
    EXPECT_EQ(
        hex(hmac_sha256(
            long_key,
            "This is a test using a larger than block-size key and a larger than block-size data. The key needs to be "
            "hashed before being used by the HMAC algorithm."
        )),
        "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"
    );
}

TEST(HmacSha256, TakesAKeyOfABlockAsItIsAndHashesALongerOne) {
    const std::string block(64, 'k');
    const std::string longer(65, 'k');
    const auto digest = sha256(longer);
    EXPECT_NE(hmac_sha256(block, "x"), hmac_sha256(longer, "x"));
    EXPECT_EQ(
        hmac_sha256(longer, "x"), hmac_sha256({reinterpret_cast<const char*>(digest.data()), digest.size()}, "x")
    );
    EXPECT_EQ(hmac_sha256("", ""), hmac_sha256(std::string(64, '\0'), ""));
}

}  // namespace
}  // namespace arngate::aws
