#include "core/base/text.hpp"

#include "core/base/percent_encoding.hpp"
#include "tests/core/base/seed.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>

namespace arngate::text {
namespace {

using namespace std::string_view_literals;

std::optional<std::string> decoded_base64(std::string_view text) {
    std::string out(base64url_decoded_size(text.size()), '\0');
    const auto size = base64url_decode(text, out.data());
    if (!size) {
        return std::nullopt;
    }
    EXPECT_LE(*size, out.size());
    out.resize(*size);
    return out;
}

std::optional<std::string> decoded_query(std::string_view text) {
    std::string out(text);
    const auto size = percent_decode_query(out, out.data());
    if (!size) {
        return std::nullopt;
    }
    out.resize(*size);
    return out;
}

TEST(Text, FoldsAsciiLettersOnly) {
    EXPECT_EQ(to_lower("AZaz09@[`{\xc3\x84"), "azaz09@[`{\xc3\x84");
    EXPECT_TRUE(iequals("X-Amz-Date", "x-aMZ-dATE"));
    EXPECT_FALSE(iequals("X-Amz-Date", "X-Amz-Dat"));
    EXPECT_FALSE(iequals("@", "`"));
    EXPECT_FALSE(iequals("\xc3\x84", "\xc3\xa4"));
    EXPECT_FALSE(iequals("k", "\xe2\x84\xaa"));
}

TEST(Text, KnowsControlsAmongAllBytes) {
    std::string controls;
    for (int byte = 0; byte < 0x100; ++byte) {
        if (is_control(static_cast<char>(byte))) {
            controls += static_cast<char>(byte);
        }
    }
    EXPECT_EQ(hex(controls), "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f7f");
}

TEST(Text, TrimsBlanks) {
    EXPECT_EQ(trim(" \t\r\n a b \n"), "a b");
    EXPECT_EQ(trim(" \t\r\n"), "");
    EXPECT_EQ(trim(""), "");
    EXPECT_EQ(trim("\xc2\xa0x"), "\xc2\xa0x");
}

TEST(Text, SplitsAtEverySeparator) {
    EXPECT_EQ(split("a,b,,c", ','), (std::vector<std::string_view>{"a", "b", "", "c"}));
    EXPECT_EQ(split("", ','), (std::vector<std::string_view>{""}));
    EXPECT_EQ(split(",", ','), (std::vector<std::string_view>{"", ""}));
}

TEST(Text, WritesHex) {
    EXPECT_EQ(hex("\x00\x7f\x80\xff"sv), "007f80ff");
    EXPECT_EQ(hex(""), "");
}

// RFC 4648, section 10.
TEST(Base64, GivesTheVectorsOfTheRfc) {
    for (const auto& [plain, encoded] : std::initializer_list<std::pair<std::string_view, std::string_view>>{
             {"", ""},
             {"f", "Zg=="},
             {"fo", "Zm8="},
             {"foo", "Zm9v"},
             {"foob", "Zm9vYg=="},
             {"fooba", "Zm9vYmE="},
             {"foobar", "Zm9vYmFy"}
         }) {
        EXPECT_EQ(base64_encode(plain), encoded);
        const std::string_view unpadded = encoded.substr(0, encoded.find('='));
        EXPECT_EQ(base64url_encode(plain), unpadded);
        EXPECT_EQ(decoded_base64(unpadded), plain);
    }
    EXPECT_EQ(base64_encode("\xfb\xff"), "+/8=");
    EXPECT_EQ(base64url_encode("\xfb\xff"), "-_8");
}

TEST(Base64, DecodesWhatItEncodes) {
    Dice dice(test_seed());
    for (std::size_t size = 0; size < 200; ++size) {
        std::string bytes(size, '\0');
        for (char& c : bytes) {
            c = static_cast<char>(dice.below(256));
        }
        const std::string encoded = base64url_encode(bytes);
        EXPECT_EQ(base64url_decoded_size(encoded.size()), size);
        EXPECT_EQ(decoded_base64(encoded), bytes);
    }
}

TEST(Base64, RefusesAnyOtherAlphabetAtEveryPlace) {
    for (int c = 0; c < 256; ++c) {
        const char byte = static_cast<char>(c);
        const bool good = is_alnum(byte) || byte == '-' || byte == '_';
        for (std::size_t at = 0; at < 7; ++at) {
            std::string text = "Zm9vYmE";
            text[at] = byte;
            EXPECT_EQ(decoded_base64(text).has_value(), good) << c << " at " << at;
        }
    }
}

TEST(Base64, RefusesLengthsOfOneModuloFourAndPadding) {
    for (const std::string_view text : {"Z", "Zm9vY", "Zg==", "Zm8=", "Zg=", "====", "="}) {
        EXPECT_EQ(decoded_base64(text), std::nullopt) << text;
    }
}

TEST(Base64, IgnoresLeftOverBits) {
    EXPECT_EQ(decoded_base64("Zh"), "f");
    EXPECT_EQ(decoded_base64("Zm9"), "fo");
}

TEST(PercentEncoding, KeepsUnreservedCharactersOnly) {
    EXPECT_EQ(percent_encode("AZaz09-._~"), "AZaz09-._~");
    EXPECT_EQ(percent_encode(" /+=&?%\x00\x7f\xff"sv), "%20%2F%2B%3D%26%3F%25%00%7F%FF");
    std::string out = "a=";
    append_percent_encoded(out, "/");
    EXPECT_EQ(out, "a=%2F");
}

TEST(PercentEncoding, WritesIntoABufferNoMoreThanTheWorstCase) {
    for (const std::string_view text : {"", "plain", "/", "a/b+c=", "\xff\xff\xff"}) {
        std::string out(text.size() * percent_encoded_growth, '#');
        const char* const end = write_percent_encoded(out.data(), text);
        const auto size = static_cast<std::size_t>(end - out.data());
        EXPECT_EQ(out.substr(0, size), percent_encode(text));
        EXPECT_EQ(out.find_first_not_of('#', size), std::string::npos);
    }
}

TEST(PercentEncoding, DecodesQueriesInPlace) {
    EXPECT_EQ(decoded_query("a+b%2Bc%2fd%00"), "a b+c/d\0"sv);
    EXPECT_EQ(decoded_query(""), "");
    EXPECT_EQ(decoded_query("%25%32%35"), "%25");
}

TEST(PercentEncoding, RefusesBrokenEscapes) {
    for (const std::string_view text : {"%", "a%", "%4", "%4g", "%g4", "%%41", "%+1", "% 1", "ok%4"}) {
        EXPECT_EQ(decoded_query(text), std::nullopt) << text;
    }
}

TEST(PercentEncoding, DecodesWhatItEncodes) {
    std::string all;
    for (int c = 0; c < 256; ++c) {
        all += static_cast<char>(c);
    }
    EXPECT_EQ(decoded_query(percent_encode(all)), all);
}

}  // namespace
}  // namespace arngate::text
