#include "core/aws/keys.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <string_view>

namespace arngate::aws {
namespace {

using namespace std::chrono_literals;

constexpr KeyTexts whole{
    .access_key_id = "ASIA_1",
    .secret_access_key = "se/cr+et=",
    .session_token = "to/ken+=",
    .expiration = "2026-01-02T03:04:05Z",
};

std::string error(const KeyTexts& texts, Completeness completeness = Completeness::temporary) {
    const auto checked = check_keys(texts, completeness);
    return checked ? "" : checked.error();
}

TEST(Keys, AreTakenAsTheyAre) {
    const auto checked = check_keys(whole, Completeness::temporary);
    ASSERT_TRUE(checked) << checked.error();
    EXPECT_EQ(checked->access_key_id, "ASIA_1");
    EXPECT_EQ(checked->secret_access_key.expose(), "se/cr+et=");
    EXPECT_EQ(checked->session_token.expose(), "to/ken+=");
    EXPECT_EQ(checked->expires_at, std::chrono::sys_days(std::chrono::year(2026) / 1 / 2) + 3h + 4min + 5s);
    EXPECT_EQ(checked->source, "");
}

TEST(Keys, OfAPersonHaveNoTokenAndNoEnd) {
    const KeyTexts texts{
        .access_key_id = "AKIA", .secret_access_key = "s", .session_token = {}, .expiration = std::nullopt
    };
    const auto checked = check_keys(texts, Completeness::keys_only);
    ASSERT_TRUE(checked) << checked.error();
    EXPECT_TRUE(checked->session_token.empty());
    EXPECT_FALSE(checked->expires_at);
    EXPECT_EQ(error(texts), "no session token");
}

TEST(Keys, ThatCannotBeUsedAreNamedAndNotShown) {
    const std::string longest_id(128, 'A');
    const std::string longest_secret(256, 's');
    const std::string longest_token(max_session_token_bytes, 't');
    const auto with = [](std::optional<std::string_view> KeyTexts::* text, std::string_view value) {
        KeyTexts texts = whole;
        texts.*text = value;
        return error(texts);
    };
    struct Case {
        std::optional<std::string_view> KeyTexts::* text;
        std::string value;
        std::string_view says;
    };
    for (const auto& [text, value, says] : {
             Case{&KeyTexts::access_key_id, "", "no access key id"},
             Case{&KeyTexts::access_key_id, longest_id, ""},
             Case{&KeyTexts::access_key_id, longest_id + "A", "an access key id that cannot be used"},
             Case{&KeyTexts::access_key_id, "AKIA\r\n", "an access key id that cannot be used"},
             Case{&KeyTexts::access_key_id, "AKIA/x", "an access key id that cannot be used"},
             Case{&KeyTexts::secret_access_key, "", "no secret access key"},
             Case{&KeyTexts::secret_access_key, longest_secret, ""},
             Case{&KeyTexts::secret_access_key, longest_secret + "s", "a secret access key that cannot be used"},
             Case{&KeyTexts::secret_access_key, "se cret", "a secret access key that cannot be used"},
             Case{&KeyTexts::secret_access_key, std::string("s\0s", 3), "a secret access key that cannot be used"},
             Case{&KeyTexts::session_token, "", "no session token"},
             Case{&KeyTexts::session_token, longest_token, ""},
             Case{&KeyTexts::session_token, longest_token + "t", "a session token that cannot be used"},
             Case{&KeyTexts::session_token, "t\xc3\xb6ken", "a session token that cannot be used"},
             Case{&KeyTexts::session_token, "token\nX-Header: 1", "a session token that cannot be used"},
             Case{&KeyTexts::expiration, "", "no expiration"},
             Case{&KeyTexts::expiration, "soon", "an expiration that is not a time"},
         }) {
        EXPECT_EQ(with(text, value), says) << value.substr(0, 20);
    }
}

}  // namespace
}  // namespace arngate::aws
