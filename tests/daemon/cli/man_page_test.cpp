#include "daemon/cli/man_page.hpp"

#include "config/schema.hpp"
#include "core/base/text.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

namespace arngate::cli {
namespace {

/// The text as a reader sees it, as far as words go.
std::string unescaped(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\\' && i + 1 < text.size() && text[i + 1] == '-') {
            continue;
        }
        out += text[i];
    }
    return out;
}

const ManPage* find_page(const std::vector<ManPage>& pages, std::string_view name) {
    const auto found = std::ranges::find(pages, name, &ManPage::name);
    return found == pages.end() ? nullptr : &*found;
}

TEST(ManPages, HaveOneForEachCommandWithAllOfItsFlags) {
    const auto pages = man_pages();
    for (const CommandInfo& command : commands()) {
        std::string name = "arngate-" + std::string(command.name) + ".1";
        std::ranges::replace(name, ' ', '-');
        const ManPage* page = find_page(pages, name);
        ASSERT_NE(page, nullptr) << name;
        const std::string text = unescaped(page->text);
        for (const Flag& flag : flags_of(command)) {
            EXPECT_NE(text.find("--" + std::string(flag.name)), std::string::npos) << name << ' ' << flag.name;
        }
    }
    EXPECT_NE(find_page(pages, "arngate.1"), nullptr);
    EXPECT_EQ(pages.size(), commands().size() + 2);
}

TEST(ManPages, DescribeEveryKeyOfTheConfiguration) {
    const auto pages = man_pages();
    const ManPage* page = find_page(pages, "arngate-config.5");
    ASSERT_NE(page, nullptr);
    const std::string text = unescaped(page->text);
    for (const config::Key& key : config::schema()) {
        const bool is_described = text.find(".B " + std::string(key.path) + "\n") != std::string::npos;
        EXPECT_EQ(is_described, !key.flag_only && !key.obsolete) << key.path;
    }
}

TEST(ManPages, HoldNoRequestThatTheirTextBringsAlong) {
    for (const ManPage& page : man_pages()) {
        for (const std::string_view line : text::split(page.text, '\n')) {
            if (line.starts_with('.')) {
                const std::string_view request = line.substr(1, line.find(' ') - 1);
                constexpr auto known =
                    std::to_array<std::string_view>({"TH", "SH", "TP", "B", "BR", "I", "PP", "nf", "fi", "br"});
                EXPECT_NE(std::ranges::find(known, request), known.end()) << page.name << ": " << line;
            }
            EXPECT_FALSE(line.starts_with('\'')) << page.name << ": " << line;
        }
    }
}

}  // namespace
}  // namespace arngate::cli
