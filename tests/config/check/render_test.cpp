#include "config/check/render.hpp"

#include "config/check/finding.hpp"

#include <gtest/gtest.h>
#include <simdjson.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace arngate::config::check {
namespace {

const std::vector<Finding> findings{
    {"duplicate", Severity::error, "dir/a b.yaml", {4, 5}, "twice \"x\"", mapping::Origin{"/abs/é", 2, 3}},
    {"unknown-kind", Severity::error, "-\x1b", {}, "line\nbreak"},
    {"system-masters", Severity::note, "c", {1, 1}, "m"},
};

TEST(Render, WritesALineForEachFinding) {
    EXPECT_EQ(
        findings_as_text(findings),
        "dir/a b.yaml:4:5: error: twice \"x\" [duplicate]\n"
        "-\\x1b: error: line\\x0abreak [unknown-kind]\n"
        "c:1:1: note: m [system-masters]\n"
    );
    EXPECT_EQ(findings_as_text({}), "");
}

TEST(Render, WritesJson) {
    EXPECT_EQ(
        findings_as_json(findings, 3),
        R"({"findings":[{"rule":"duplicate","severity":"error","file":"dir/a b.yaml","line":4,"column":5,)"
        R"("message":"twice \"x\"","other":{"file":"/abs/é","line":2,"column":3}},)"
        R"({"rule":"unknown-kind","severity":"error","file":"-\u001b","line":0,"column":0,"message":"line\nbreak"},)"
        R"({"rule":"system-masters","severity":"note","file":"c","line":1,"column":1,"message":"m"}],)"
        R"("files":3,"errors":2,"warnings":0,"notes":1})"
        "\n"
    );
    EXPECT_EQ(findings_as_json({}, 0), "{\"findings\":[],\"files\":0,\"errors\":0,\"warnings\":0,\"notes\":0}\n");
}

// The properties that the schema of SARIF 2.1.0 requires, and the values that it allows.
TEST(Render, WritesSarif) {
    const std::string text = findings_as_sarif(findings);
    simdjson::dom::parser parser;
    simdjson::dom::element log;
    ASSERT_EQ(parser.parse(text).get(log), simdjson::SUCCESS) << text;
    EXPECT_EQ(std::string_view(log["version"]), "2.1.0");
    const simdjson::dom::element run = log["runs"].at(0);
    const simdjson::dom::element driver = run["tool"]["driver"];
    EXPECT_EQ(std::string_view(driver["name"]), "arngate");
    const simdjson::dom::array described = driver["rules"];
    ASSERT_EQ(described.size(), rules().size());
    std::size_t i = 0;
    for (const simdjson::dom::element result : simdjson::dom::array(run["results"])) {
        const Finding& finding = findings.at(i++);
        EXPECT_EQ(std::string_view(result["ruleId"]), finding.rule);
        EXPECT_EQ(std::string_view(described.at(std::uint64_t(result["ruleIndex"]))["id"]), finding.rule);
        EXPECT_EQ(std::string_view(result["level"]), severity_name(finding.severity));
        EXPECT_EQ(std::string_view(result["message"]["text"]), finding.message);
        const simdjson::dom::element place = result["locations"].at(0)["physicalLocation"];
        EXPECT_FALSE(std::string_view(place["artifactLocation"]["uri"]).empty());
        std::int64_t line = 0;
        EXPECT_EQ(place["region"]["startLine"].get(line) == simdjson::SUCCESS, finding.at.line > 0);
        EXPECT_EQ(line, finding.at.line);
    }
    EXPECT_EQ(i, findings.size());
    const simdjson::dom::element first = run["results"].at(0);
    EXPECT_EQ(
        std::string_view(first["locations"].at(0)["physicalLocation"]["artifactLocation"]["uri"]), "dir/a%20b.yaml"
    );
    EXPECT_EQ(
        std::string_view(first["relatedLocations"].at(0)["physicalLocation"]["artifactLocation"]["uri"]),
        "file:///abs/%C3%A9"
    );
}

}  // namespace
}  // namespace arngate::config::check
