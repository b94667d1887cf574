#include "core/base/text.hpp"
#include "core/token/presigned_url.hpp"
#include "tests/core/base/seed.hpp"
#include "tests/core/token/sample.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace arngate::token {
namespace {

using sample::Parameter;

std::string other_case(std::string name) {
    for (char& c : name) {
        c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : text::ascii_lower(c);
    }
    return name;
}

std::string escaped(char c, Dice& dice) {
    constexpr std::string_view upper = "0123456789ABCDEF";
    constexpr std::string_view lower = "0123456789abcdef";
    const auto byte = static_cast<unsigned char>(c);
    const std::string_view digits = dice.coin() ? upper : lower;
    return {'%', digits[byte >> 4], digits[byte & 15]};
}

/// The same name, spelt with any letter case and any character escaped.
std::string respelt(const std::string& name, Dice& dice) {
    std::string out;
    for (const char c : name) {
        const std::string spelt = dice.coin() ? other_case(std::string(1, c)) : std::string(1, c);
        out += dice.coin() ? escaped(spelt[0], dice) : spelt;
    }
    return out;
}

TEST(PresignedUrlProperty, NeitherOrderNorSpellingChangesWhatIsSent) {
    Dice dice(test_seed());
    const std::string expected = "/?" + sample::query_of(sample::parameters());
    for (int round = 0; round < 2000; ++round) {
        auto all = sample::parameters();
        std::ranges::shuffle(all, dice.engine());
        for (Parameter& each : all) {
            each.name = respelt(each.name, dice);
        }
        const std::string url = sample::url_of(all);
        const auto parsed = PresignedUrl::parse(sample::token_of(url), sample::rules(), sample::at(sample::date));
        ASSERT_TRUE(parsed.has_value()) << url;
        ASSERT_EQ(parsed->request_target().expose(), expected) << url;
        ASSERT_EQ(parsed->access_key_id(), "AKIAIOSFODNN7EXAMPLE") << url;
    }
}

TEST(PresignedUrlProperty, EveryRepetitionOfEveryParameterIsRefused) {
    Dice dice(test_seed());
    const auto original = sample::parameters();
    for (const Parameter& parameter : original) {
        std::string encoded_name;
        for (const char c : parameter.name) {
            encoded_name += escaped(c, dice);
        }
        for (const std::string& name :
             {parameter.name,
              text::to_lower(parameter.name),
              other_case(parameter.name),
              encoded_name,
              respelt(parameter.name, dice)}) {
            for (const std::string& value : {parameter.value, std::string(), std::string("x")}) {
                for (std::size_t at = 0; at <= original.size(); ++at) {
                    auto all = original;
                    all.insert(all.begin() + static_cast<std::ptrdiff_t>(at), {name, value});
                    EXPECT_EQ(sample::reason_of(sample::token_of(sample::url_of(all))), Reason::duplicate_param)
                        << name << "=" << value << " at " << at;
                }
            }
            // Without '=' it is there, too.
            EXPECT_EQ(sample::reason_of(sample::token_of(sample::url() + "&" + name)), Reason::duplicate_param) << name;
            EXPECT_EQ(
                sample::reason_of(sample::token_of(
                    "https://" + std::string(sample::host) + "/?" + name + "&" + sample::query_of(original)
                )),
                Reason::duplicate_param
            ) << name;
        }
    }
}

/// What was checked is what is sent: the rebuilt target, parsed as a token of its own, is the same in every part.
TEST(PresignedUrlProperty, TheRebuiltTargetParsesToItself) {
    Dice dice(test_seed());
    for (int round = 0; round < 2000; ++round) {
        auto all = sample::parameters();
        for (const std::size_t free : {1U, 2U, 3U, 6U, 7U}) {  // values that nothing checks
            all[free].value.clear();
            for (std::size_t i = dice.below(20); i > 0; --i) {
                all[free].value += escaped(static_cast<char>(dice.below(256)), dice);
            }
        }
        const auto first =
            PresignedUrl::parse(sample::token_of(sample::url_of(all)), sample::rules(), sample::at(sample::date));
        ASSERT_TRUE(first.has_value()) << sample::url_of(all);
        const std::string target(first->request_target().expose());
        const auto second = PresignedUrl::parse(
            sample::token_of("https://" + first->host().name + target), sample::rules(), sample::at(sample::date)
        );
        ASSERT_TRUE(second.has_value()) << target;
        ASSERT_EQ(second->request_target().expose(), target);
        ASSERT_EQ(second->access_key_id(), first->access_key_id());
        ASSERT_EQ(second->signed_at(), first->signed_at());
    }
}

}  // namespace
}  // namespace arngate::token
