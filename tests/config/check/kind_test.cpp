#include "config/check/kind.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string_view>

namespace arngate::config::check {
namespace {

TEST(Kind, IsGuessedByTheOutermostKeys) {
    struct Case {
        std::string_view name;
        std::string_view text;
        std::optional<Kind> kind;
    };
    for (const Case& c : {
             Case{"a.yaml", "apiVersion: v1\nkind: ConfigMap\n", Kind::manifests},
             Case{"a.yaml", "# note\n---\n\"kind\": List\n'apiVersion': v1\nitems: []\n", Kind::manifests},
             Case{"a.json", R"({"apiVersion":"v1","kind":"List","items":[]})", Kind::manifests},
             Case{"a", "clusterID: x\n", Kind::configuration},
             Case{
                 "a",
                 "\xEF\xBB\xBF"
                 "clusterID: x\n",
                 Kind::configuration
             },
             Case{
                 "a.yaml",
                 "\xEF\xBB\xBF"
                 "apiVersion: v1\r\nkind: ConfigMap\r\n",
                 Kind::manifests
             },
             Case{
                 "a.json",
                 "\xEF\xBB\xBF"
                 R"({"clusterID": "x"})",
                 Kind::configuration
             },
             Case{"a", "SERVER:\n  port: 1\n", Kind::configuration},
             Case{"a.toml", "", Kind::configuration},
             Case{"a.DotEnv", "", Kind::configuration},
             Case{"a.json", R"({"clusterID": "x"})", Kind::configuration},
             Case{"a", "mapRoles: |\n  - rolearn: x\n", Kind::config_map_data},
             Case{"a", "mapUsers: \"[]\"\n", Kind::config_map_data},
             Case{"a", "mapRoles:\n  - rolearn: x\n", Kind::configuration},
             Case{"a", R"({"mapRoles": "[]"})", Kind::config_map_data},
             Case{"a", R"({"Version": "1", "MAPROLES": [{"kind": "a", "apiVersion": "b"}]})", Kind::dynamic_file},
             Case{"a", R"({"LastUpdatedDateTime": ""})", Kind::dynamic_file},
             Case{"a", "  apiVersion: v1\n  kind: x\n", std::nullopt},
             Case{"a", "", std::nullopt},
             Case{"a", "{", std::nullopt},
             Case{"a", "{\"kind", std::nullopt},
             Case{"a", "}}}{\"\\", std::nullopt},
             Case{"a", "[1]", std::nullopt},
             Case{"a", "hello\n", std::nullopt},
             Case{"a", "\"kind: x\n'apiVersion: x\n", std::nullopt},
         })
        EXPECT_EQ(guess_kind(c.name, c.text), c.kind) << c.text;
}

TEST(Kind, HasAWord) {
    EXPECT_EQ(find_kind("config"), Kind::configuration);
    EXPECT_EQ(find_kind("dynamic-file-strict"), Kind::dynamic_file_strict);
    EXPECT_EQ(find_kind("auto"), std::nullopt);
    EXPECT_EQ(find_kind(""), std::nullopt);
}

}  // namespace
}  // namespace arngate::config::check
