#include "config/describe.hpp"

#include "config/load.hpp"
#include "tests/config/temp_config.hpp"

#include <gtest/gtest.h>
#include <simdjson.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

namespace arngate::config {
namespace {

using testing::TempConfig;

/// The file holds what the function says; ARNGATE_REGENERATE=1 writes it.
void expect_file(const std::string& name, const std::string& content) {
    const std::string path = std::string(ARNGATE_SOURCE_DIR "/docs/") + name;
    if (std::getenv("ARNGATE_REGENERATE") != nullptr) {
        std::ofstream(path, std::ios::binary) << content;
    }
    std::ifstream stream(path, std::ios::binary);
    const std::string written{std::istreambuf_iterator<char>(stream), {}};
    EXPECT_TRUE(written == content) << name << " has drifted from config/schema; run with ARNGATE_REGENERATE=1";
}

TEST(Describe, ReferencePageIsTheSchemas) {
    expect_file("configuration.md", markdown_reference());
}

TEST(Describe, JsonSchemaFileIsTheSchemas) {
    expect_file("config.schema.json", json_schema());
}

TEST(Describe, JsonSchemaIsJsonAndKnowsEveryKeyOfAFile) {
    const std::string text = json_schema();
    simdjson::dom::parser parser;
    simdjson::dom::element root;
    ASSERT_EQ(parser.parse(text).get(root), simdjson::SUCCESS);
    for (const Key& key : schema()) {
        if (key.flag_only)
            continue;
        std::string pointer = "/properties/" + std::string(key.path);
        for (std::size_t dot = pointer.find('.'); dot != std::string::npos; dot = pointer.find('.')) {
            pointer.replace(dot, 1, "/properties/");
        }
        if (pointer.starts_with("/properties/cache/"))
            pointer.replace(0, 17, "/properties/cache/anyOf/1");
        simdjson::dom::element found;
        EXPECT_EQ(root.at_pointer(pointer).get(found), simdjson::SUCCESS) << pointer;
    }
}

TEST(Describe, ExampleLoadsWithoutAWarning) {
    const TempConfig file(example_config());
    LoadRequest request;
    request.file = file.path();
    const auto loaded = load(request);
    ASSERT_TRUE(loaded) << file.texts(loaded.error());
    EXPECT_EQ(file.texts(loaded->warnings), "");
    EXPECT_EQ(loaded->settings.mapping.mounted_file.roles.size(), 2U);
}

TEST(Describe, ExampleNamesEveryKeyOfAServersFile) {
    const std::string example = example_config();
    for (const Key& key : schema()) {
        if (key.flag_only || key.obsolete || key.path == "cache" || key.path == "server.reservedPrefixConfig" ||
            key.path == "sts.partitions")
            continue;
        const std::string leaf(key.path.substr(key.path.find_last_of('.') + 1));
        EXPECT_NE(example.find(leaf + ":"), std::string::npos) << key.path;
    }
}

TEST(Describe, ExampleWithEverythingUncommentedLoads) {
    std::string text = example_config();
    for (std::size_t hash = text.find('#'); hash != std::string::npos; hash = text.find('#', hash + 1)) {
        const bool sets_key = text.at(hash + 1) != ' ';  // "#port: 21362", but "# Port of the webhook."
        if (sets_key)
            text.erase(hash, 1);
    }
    const TempConfig file(text);
    LoadRequest request;
    request.file = file.path();
    const auto loaded = load(request);
    ASSERT_TRUE(loaded) << file.texts(loaded.error()) << text;
    EXPECT_EQ(file.texts(loaded->warnings), "");
    EXPECT_EQ(loaded->settings.server.tls.require_tls13, false);
    EXPECT_EQ(loaded->settings.cache.ttl, std::chrono::minutes(5));
}

TEST(Describe, CommandsHaveTheirFlags) {
    const auto has = [](std::string_view command, std::string_view flag) {
        return std::ranges::any_of(flags_of(command), [&](const Key* key) { return key->flag == flag; });
    };
    EXPECT_TRUE(has("server", "--port"));
    EXPECT_TRUE(has("server", "--compat"));
    EXPECT_TRUE(has("init", "--hostname"));
    EXPECT_TRUE(has("init", "--address"));
    EXPECT_TRUE(has("verify", "--partition"));
    EXPECT_TRUE(has("version", "--log-format"));
    EXPECT_FALSE(has("token", "--port"));
    EXPECT_FALSE(has("server", "--hostname"));
}

TEST(Describe, FlagHelpSaysWhatTheFlagTakes) {
    EXPECT_EQ(
        flag_help(*find_key("server.port")),
        "Port of the webhook. 0: any free port, for tests. [0 to 65535; default 21362; key server.port; environment "
        "ARNGATE_SERVER_PORT]"
    );
    EXPECT_EQ(
        flag_help(*find_key("role")),
        "IAM role to assume before signing. [key role; environment DEFAULT_ROLE ARNGATE_ROLE]"
    );
}

}  // namespace
}  // namespace arngate::config
