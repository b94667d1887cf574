#include "tests/config/malformed.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <string_view>

namespace arngate::config {
namespace {

using testing::expect_problems;
using testing::first_line;
using testing::Malformed;
using testing::TempConfig;

constexpr std::array cases{
    Malformed{
        "secret",
        "token: [a]\nserver: 1\n",
        "c.yaml:2:8: token: found a list, expected text without control characters.\nc.yaml:3:9: server: found \"1\", "
        "expected a map of keys."
    },
    Malformed{
        "duplicate key",
        "server: {}\nserver: {}\n",
        "c.yaml:3:1: server: found the key of line 2 again, expected each key once. Letter case does not matter in "
        "keys; delete one of the two."
    },
    Malformed{"not a map", "- a\n", "c.yaml:2:1: found text that is not YAML: end of map not found."},
    Malformed{
        "tab",
        "server:\n\tport: 1\n",
        "c.yaml:3:6: found text that is not YAML: illegal map value. Indent with blanks, not with tabs."
    },
    Malformed{"two documents", "---\na: 1\n", "c.yaml:3:1: found a second document. Keep one document in the file."},
};

TEST(MalformedDocument, EveryFaultIsNamedByPlaceAndRemedy) {
    expect_problems(cases);
}

// From 0.8 on, yaml-cpp adds the name.
TEST(MalformedDocument, AnAliasOfNothingIsNamedByPlace) {
    const TempConfig file(std::string(first_line) + "role: *nobody\n");
    LoadRequest request;
    request.file = file.path();
    const auto loaded = load(request);
    ASSERT_FALSE(loaded);
    const std::string problems = file.texts(loaded.error());
    constexpr std::string_view known = "c.yaml:2:7: found text that is not YAML: the referenced anchor is not defined";
    EXPECT_TRUE(problems == std::string(known) + "." || problems == std::string(known) + ": nobody.") << problems;
}

struct MalformedFile {
    std::string_view name;
    std::string_view text;
    std::string_view problems;
};

TEST(MalformedDocument, FilesOfOtherFormatsToo) {
    constexpr std::array files{
        MalformedFile{
            "c.toml",
            "clusterID = \"c\"\n[server]\nport = \"x\"\n",
            "c.toml:3:8: server.port: found \"x\", expected a whole number from 0 to 65535.",
        },
        MalformedFile{
            "c.toml",
            "clusterID = \"c\"\nCLUSTERid = \"d\"\n",
            "c.toml:2:1: CLUSTERid: found the key of line 1 again, in other letter case, expected each key once. "
            "Letter "
            "case does not matter in keys; delete one of the two.",
        },
        MalformedFile{
            "c.toml",
            "clusterID = \"c\"\n# \xc3\xa9\n",
            "c.toml:2:3: found a character that is not ASCII. Write it as \\uXXXX inside double quotes.",
        },
        MalformedFile{
            "c.toml",
            "a = [}`1,\n",
            "c.toml:1:1: found text that is not TOML. Check brackets, braces and commas.",
        },
        MalformedFile{
            "c.toml",
            "clusterID = \"c\"\n [[[[\n",
            "c.toml:1:1: found text that is not TOML. Check brackets, braces and commas.",
        },
        MalformedFile{
            "c.json",
            "{\"clusterID\": \"c\",\n \"server\": {\"port\": -1}}",
            "c.json:2:21: server.port: found \"-1\", expected a whole number from 0 to 65535.",
        },
        MalformedFile{
            "c.json",
            "{\"clusterID\": \"c\",",
            "c.json:1:1: found a map or list where a key must stand. Check that every bracket and brace is closed.",
        },
        MalformedFile{
            "c",
            "clusterID: c\n",
            "c: found a file name without extension, expected a file name that ends in .yaml, .yml, .json, .toml, .env "
            "or "
            ".dotenv. Rename the file to the format that it has.",
        },
        MalformedFile{
            "c.ini",
            "",
            "c.ini: found the extension .ini, expected a file name that ends in .yaml, .yml, .json, .toml, .env or "
            ".dotenv. Rename the file to the format that it has.",
        },
    };
    for (const MalformedFile& test : files) {
        SCOPED_TRACE(test.problems);
        const TempConfig file(test.text, test.name);
        expect_problems(file, test.problems);
    }
}

}  // namespace
}  // namespace arngate::config
