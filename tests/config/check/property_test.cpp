// What is called clean is taken whole by the server's readers and its table, and what they leave out is named.

#include "config/sources/config_map_document.hpp"
#include "config/sources/dynamic_file_document.hpp"
#include "core/mapping/table.hpp"
#include "tests/config/check/findings.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace arngate::config::check {
namespace {

constexpr auto arns = std::to_array<std::string_view>(
    {"arn:aws:iam::123456789012:role/Dev",
     "arn:aws:iam::123456789012:role/path/Dev",
     "arn:aws:iam::123456789012:role/other/Dev",
     "arn:aws-cn:iam::123456789012:role/Dev",
     "arn:aws:sts::123456789012:assumed-role/Dev/jane",
     "ARN:AWS:IAM::123456789012:ROLE/Dev",
     "arn:aws:iam::1:role/Dev",
     "arn:aws:iam::123456789012:user/Jane",
     "arn:nowhere:iam::123456789012:role/Dev",
     "arn:aws:s3:::bucket",
     "",
     "text"}
);
constexpr auto patterns = std::to_array<std::string_view>(
    {"arn:aws:iam::123456789012:role/dev-*",
     "arn:aws:iam::123456789012:role/dev-?",
     "arn:aws:iam::123456789012:role/d*",
     "arn:aws:iam::*:role/dev-*",
     "dev-*"}
);
constexpr auto names =
    std::to_array<std::string_view>({"jane", "dev:{{SessionName}}", "{{SessionName}}", "", " a", "system:x"});

class Maker {
public:
    explicit Maker(unsigned seed) : random_(seed) {}

    /// JSON, which is YAML as well.
    std::string list(std::string_view arn_key) {
        std::string out = "[";
        const std::size_t count = pick(5);
        for (std::size_t i = 0; i < count; ++i)
            out += std::string(i == 0 ? "" : ",") + entry(arn_key);
        return out + "]";
    }

    std::string accounts() {
        constexpr auto ids = std::to_array<std::string_view>({R"("123456789012")", R"("1")", "12", "[]", R"("")"});
        return pick(3) == 0 ? "[" + std::string(ids[pick(ids.size())]) + "]" : "[]";
    }

private:
    std::size_t pick(std::size_t count) { return std::uniform_int_distribution<std::size_t>(0, count - 1)(random_); }
    template <std::size_t N>
    std::string quoted(const std::array<std::string_view, N>& texts) {
        return "\"" + std::string(texts[pick(N)]) + "\"";
    }

    std::string entry(std::string_view arn_key) {
        if (pick(20) == 0)
            return "7";
        std::string out = "{\"username\":" + (pick(12) == 0 ? std::string("3") : quoted(names));
        if (pick(10) != 0)
            out += ",\"" + std::string(arn_key) +
                   "\":" + (pick(3) == 0 ? quoted(arns) : "\"" + std::string(arns[0]) + std::to_string(pick(9)) + "\"");
        else if (pick(2) == 0)
            out += ",\"rolearnLike\":" + quoted(patterns);
        else
            out += R"(,"sso":{"permissionSetName":"Admin","accountID":"123456789012"})";
        if (pick(3) == 0)
            out += pick(6) == 0 ? R"(,"groups":[1])" : R"(,"groups":["a"])";
        return out + "}";
    }

    std::mt19937 random_;
};

/// Whether the table takes all of it, too.
bool table_takes(const mapping::SourceRules& rules) {
    std::vector<mapping::TableWarning> warnings;
    static_cast<void>(mapping::Table::build({rules}, {}, warnings));
    return std::ranges::none_of(warnings, [](const mapping::TableWarning& warning) {
        return warning.kind != mapping::TableWarning::Kind::is_ambiguous;
    });
}

bool has_error(const std::vector<Finding>& findings) {
    return std::ranges::any_of(findings, [](const Finding& f) { return f.severity == Severity::error; });
}

std::string yaml_of(const std::vector<Finding>& findings) {
    std::string out;
    for (const std::string& place : places(findings))
        out += place + " ";
    return out;
}

/// A text that a Maker made, and whether the server takes all of it.
struct Sample {
    std::string text;
    bool whole = false;
};

/// What the server does not take whole has an error, and what has none the server takes whole.
template <class Make>
void expect_that_check_and_server_agree(const std::string& file, Make make) {
    std::size_t clean = 0;
    for (unsigned seed = 0; seed < 1500; ++seed) {
        Maker maker(seed);
        const Sample sample = make(maker);
        const auto findings = check_text(file, sample.text);
        if (!sample.whole) {
            EXPECT_TRUE(has_error(findings)) << sample.text << yaml_of(findings);
        }
        if (!has_error(findings)) {
            EXPECT_TRUE(sample.whole) << sample.text;
            ++clean;
        }
    }
    EXPECT_GT(clean, 100U);
}

TEST(CheckProperty, CleanConfigMapsAreTakenWholeAndRejectionsAreNamed) {
    expect_that_check_and_server_agree("f", [](Maker& maker) {
        const ConfigMapData data{
            {"mapRoles", maker.list("rolearn")}, {"mapUsers", maker.list("userarn")}, {"mapAccounts", maker.accounts()}
        };
        Sample sample;
        for (const auto& [key, value] : data)
            sample.text += key + ": '" + value + "'\n";
        const ConfigMapDocument document = read_config_map(data);
        sample.whole = document.problems.empty() && table_takes(document.rules);
        return sample;
    });
}

TEST(CheckProperty, CleanConfigurationsAreLoadedAndRejectionsAreNamed) {
    expect_that_check_and_server_agree("f.yaml", [](Maker& maker) {
        Sample sample;
        sample.text = "clusterID: c\nserver:\n  mapRoles: " + maker.list("rolearn") +
                      "\n  mapUsers: " + maker.list("userarn") + "\n  mapAccounts: " + maker.accounts() + "\n";
        LoadRequest request;
        request.file = "f.yaml";
        const auto loaded = load_text(request, sample.text);
        sample.whole = loaded && table_takes(loaded->settings.mapping.mounted_file);
        return sample;
    });
}

TEST(CheckProperty, CleanDynamicFilesAreLoadedAndRejectionsAreNamed) {
    expect_that_check_and_server_agree("f", [](Maker& maker) {
        Sample sample;
        sample.text = "{\"mapRoles\": " + maker.list("rolearn") + ", \"mapUsers\": " + maker.list("userarn") +
                      ", \"mapAccounts\": " + maker.accounts() + "}";
        const auto document = read_dynamic_file("f", sample.text, DynamicFileKey::arn);
        sample.whole = document && table_takes(document->rules);
        return sample;
    });
}

}  // namespace
}  // namespace arngate::config::check
