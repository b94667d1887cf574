#include "config/dotenv_document.hpp"

#include "config/load.hpp"
#include "tests/config/temp_config.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace arngate::config {
namespace {

using testing::TempConfig;

/// The text at the path; what is wrong, with its place, of a document that is refused.
std::string value_at(std::string_view path, std::string_view text) {
    const auto root = read_dotenv(text);
    if (!root)
        return std::to_string(root.error().at.line) + ":" + std::to_string(root.error().at.column) + " " +
               root.error().found;
    const Member* member = find_path(*root, path);
    return member == nullptr ? "(none)" : describe_node(member->value);
}

TEST(DotenvDocument, ReadsEveryFormOfALine) {
    struct Line {
        std::string_view text;
        std::string_view value;
    };
    for (const Line& line : {
             Line{"a=x", "\"x\""},
             {"  a = x y \n", "\"x y\""},
             {"a: x", "\"x\""},
             {"export a=x", "\"x\""},
             {"export\ta=x", "\"x\""},
             {"a=x # comment", "\"x\""},
             {"a=x#comment", "\"x\""},
             {"a=", "\"\""},
             {"a=\nb=y", "\"\""},
             {"a='x # y'", "\"x # y\""},
             {"a=\"x\\\"y\" # comment", R"("x\"y")"},
             {R"(a='x\n')", R"("x\\n")"},
             {"a=b=c", "\"b=c\""},
             {"a=\\$HOME", "\"$HOME\""},
             {"a=\"\\$HOME\"", "\"$HOME\""},
             {"a='$HOME'", "\"$HOME\""},
             {"a=5$", "\"5$\""},
             {"a=$lower", "\"$lower\""},
             {"\xEF\xBB\xBF"
              "a=x",
              "\"x\""},
             {"# comment\r\n\r\na=x\r\n", "\"x\""},
             {"b=y\ra=x", "\"x\""},
             {"export=y\na=x", "\"x\""},
         }) {
        EXPECT_EQ(value_at("A", line.text), line.value) << line.text;
    }
    EXPECT_EQ(read_dotenv("a=\"x\\ny\"")->find("a")->value.text, "x\ny");
    EXPECT_EQ(read_dotenv("a='x\ny'\nb=z")->find("a")->value.text, "x\ny");
    EXPECT_EQ(read_dotenv("a='x\ny'\nb=z")->find("b")->at.line, 3);
}

TEST(DotenvDocument, LeadsIntoSectionsAtDots) {
    constexpr std::string_view text = "server.port=1\nSERVER.tls.minVersion=1.3\nserver.hostname=h";
    EXPECT_EQ(value_at("server.port", text), "\"1\"");
    EXPECT_EQ(value_at("server.tls.minVersion", text), "\"1.3\"");
    EXPECT_EQ(value_at("server.hostname", text), "\"h\"");
}

TEST(DotenvDocument, RefusesWhatIsNoLineWithItsPlace) {
    EXPECT_EQ(value_at("a", "a=x\nnonsense"), "2:1 a line that is not KEY=value");
    EXPECT_EQ(value_at("a", "=x"), "1:1 a line that is not KEY=value");
    EXPECT_EQ(value_at("a", "a b=x"), "1:1 a line that is not KEY=value");
    EXPECT_EQ(value_at("a", "export a"), "1:8 a line that is not KEY=value");
    EXPECT_EQ(value_at("a", "a='x"), "1:3 a quote that is never closed");
    EXPECT_EQ(value_at("a", "a=\"x\\\""), "1:3 a quote that is never closed");
    EXPECT_EQ(value_at("a", "a='x' y"), "1:7 text behind the closing quote");
    EXPECT_EQ(value_at("a", "a=$HOME"), "1:3 a reference to a variable");
    EXPECT_EQ(value_at("a", "a=\"${HOME}\""), "1:4 a reference to a variable");
    EXPECT_EQ(value_at("a", "a..b=x"), "1:1 a key that is no path such as server.port");
    EXPECT_EQ(value_at("a", ".=x"), "1:1 a key that is no path such as server.port");
    EXPECT_EQ(value_at("a", "a=x\na.b=y"), "2:1 a key below another key that has a value");
}

TEST(DotenvDocument, IsBoundedInDepthAndKeys) {
    std::string path = "a";
    for (std::size_t depth = 1; depth < max_document_depth; ++depth)
        path += ".a";
    EXPECT_EQ(value_at(path, path + "=x"), "\"x\"");
    EXPECT_EQ(value_at(path, path + ".a=x"), "1:1 a key that is no path such as server.port");
    std::string many;
    for (int i = 0; i < 10'000; ++i)
        many += "k" + std::to_string(i) + "=x\n";
    EXPECT_EQ(value_at("k9999", many), "\"x\"");
    EXPECT_EQ(value_at("k9999", many + "more=x"), "10001:1 more than 10000 keys");
}

TEST(DotenvDocument, IsReadByItsExtension) {
    for (const std::string_view name : {"c.env", "c.dotenv", "c.ENV"}) {
        const TempConfig file(
            "clusterID=c\nserver.port=443\nserver.mapAccounts='111122223333,444455556666'\nregion=eu-west-1\n", name
        );
        LoadRequest request;
        request.file = file.path();
        const auto loaded = load(request);
        ASSERT_TRUE(loaded) << file.texts(loaded.error());
        EXPECT_EQ(file.texts(loaded->warnings), "");
        EXPECT_EQ(loaded->settings.cluster_id, "c");
        EXPECT_EQ(loaded->settings.server.port, 443);
        EXPECT_EQ(loaded->settings.mapping.mounted_file.accounts.size(), 2U);
        EXPECT_EQ(loaded->settings.client.region, "eu-west-1");
    }
}

TEST(DotenvDocument, NamesProblemsByLine) {
    const TempConfig file("clusterID=c\nserver.port=many\nclusterid=d\n", "c.env");
    LoadRequest request;
    request.file = file.path();
    EXPECT_EQ(
        file.texts(load(request).error()),
        "c.env:3:1: clusterid: found the key of line 1 again, in other letter case, expected each key once. Letter "
        "case "
        "does not matter in keys; delete one of the two."
    );
    file.write("clusterID=c\nserver.port=many\nserver.prot=1\n");
    EXPECT_EQ(
        file.texts(load(request).error()),
        "c.env:2:13: server.port: found \"many\", expected a whole number from 0 to 65535."
    );
}

}  // namespace
}  // namespace arngate::config
