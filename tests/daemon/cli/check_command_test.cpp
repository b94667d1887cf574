#include "tests/daemon/cli/program.hpp"

#include <gtest/gtest.h>

#include <sstream>
#include <string>

namespace arngate::cli {
namespace {

const std::string good =
    "mapRoles: |\n  - rolearn: arn:aws:iam::123456789012:role/Dev\n    username: dev:{{SessionName}}\n";
const std::string doubtful =
    "mapRoles: |\n  - rolearn: arn:aws:iam::123456789012:role/Dev\n    username: \"{{SessionName}}\"\n";
const std::string bad = "mapRoles: |\n  - rolearn: nonsense\n    username: a\n";

TEST(CheckCommand, SaysByItsStatusWhatItFound) {
    Program program;
    EXPECT_EQ(program.run({"arngate", "check", program.file("a", good)}).status, 0);
    const Result result = program.run({"arngate", "check", program.file("b", bad)});
    EXPECT_EQ(result.status, 1);
    EXPECT_TRUE(result.out.starts_with(program.directory() + "/b:2:5: error: ")) << result.out;
    EXPECT_TRUE(result.out.ends_with("[rejected-entry]\n")) << result.out;
    EXPECT_EQ(program.run({"arngate", "check", "--ignore", "rejected-entry", program.file("b", bad)}).status, 0);
    const std::string warned = program.file("c", doubtful);
    EXPECT_EQ(program.run({"arngate", "check", warned}).status, 0);
    EXPECT_EQ(program.run({"arngate", "check", "--fail-on", "error", warned}).status, 0);
    EXPECT_EQ(program.run({"arngate", "check", "--fail-on=warning", warned}).status, 1);
    EXPECT_EQ(
        program.run({"arngate", "check", "--fail-on=warning", "--ignore=syntax,caller-chosen-name", warned}).status, 0
    );
}

TEST(CheckCommand, RefusesWhatItCannotRun) {
    Program program;
    const std::string file = program.file("a", good);
    for (const std::vector<std::string>& arguments : std::vector<std::vector<std::string>>{
             {},
             {"-", "-"},
             {program.directory() + "/missing"},
             {program.directory()},
             {"--nonsense", file},
             {"--output", "xml", file},
             {"--fail-on", "note", file},
             {"--kind", "word", file},
             {"--ignore", "duplicat", file},
             {"--backends", "Files", file},
             {"--partition", "aws-mars", file},
             {"--diff", file},
             {"--diff", file, file, file},
             {"--diff", "-o", "sarif", file, file},
         }) {
        std::vector<std::string> all{"arngate", "check"};
        all.insert(all.end(), arguments.begin(), arguments.end());
        const Result result = program.run(all);
        EXPECT_EQ(result.status, 2) << testing::PrintToString(arguments);
        EXPECT_TRUE(result.err.starts_with("Error: ")) << result.err;
        EXPECT_EQ(result.out, "");
    }
    EXPECT_NE(
        program.run({"arngate", "check", "--ignore", "duplicat", file}).err.find("did you mean duplicate?"),
        std::string::npos
    );
}

TEST(CheckCommand, PrintsTheFormThatIsAskedFor) {
    Program program;
    const std::string file = program.file("b", bad);
    EXPECT_TRUE(program.run({"arngate", "check", "-o", "json", file}).out.starts_with("{\"findings\":[{"));
    EXPECT_NE(program.run({"arngate", "check", "-osarif", file}).out.find("\"version\":\"2.1.0\""), std::string::npos);
    EXPECT_EQ(program.run({"arngate", "check", "-o", "text", program.file("a", good)}).out, "");
}

TEST(CheckCommand, TakesTheKindPartitionAndSourcesThatAreGiven) {
    Program program;
    const std::string file = program.file("a", good);
    EXPECT_EQ(program.run({"arngate", "check", "--kind", "config", "-i", "c", file}).status, 0);
    EXPECT_NE(
        program.run({"arngate", "check", "--partition", "aws-cn", file}).out.find("[other-partition]"),
        std::string::npos
    );
    EXPECT_NE(
        program.run({"arngate", "check", "--backends", "File,CRD", file}).out.find("[unused-mapping]"),
        std::string::npos
    );
    const std::string config = program.file("config.yaml", "server: {port: 1}\n");
    EXPECT_EQ(program.run({"arngate", "check", config}).status, 1);
    EXPECT_EQ(program.run({"arngate", "check", config, "--cluster-id", "c"}).status, 0);
    EXPECT_EQ(program.run({"arngate", "check", "-c", config, "--cluster-id", "c"}).status, 0);
}

TEST(CheckCommand, ComparesTwoFiles) {
    Program program;
    const std::string before = program.file("a", good);
    const std::string empty = program.file("empty", "\n");
    const Result result = program.run({"arngate", "check", "--diff", before, empty});
    EXPECT_EQ(result.status, 0);
    EXPECT_EQ(
        result.out,
        "lost arn:aws:iam::123456789012:role/dev: dev:{{SessionName}} -> refused\n0 gained, 1 lost, 0 changed\n"
    );
    EXPECT_EQ(program.run({"arngate", "check", "--diff", before, before}).out, "");
    EXPECT_TRUE(program.run({"arngate", "check", "--diff", "-o", "json", empty, before})
                    .out.ends_with("\"gained\":1,\"lost\":0,\"changed\":0}\n"));
    const Result refused = program.run({"arngate", "check", "--diff", before, program.file("b", bad)});
    EXPECT_EQ(refused.status, 0);  // the reader of a ConfigMap does not look at ARNs: the entry is nobody's
    const Result broken =
        program.run({"arngate", "check", "--diff", before, program.file("c", "mapRoles: |\n  - [\n")});
    EXPECT_EQ(broken.status, 1);
    EXPECT_NE(broken.err.find("[syntax]"), std::string::npos);
}

TEST(CheckCommand, EscapesWhatAFileHolds) {
    Program program;
    const Result result =
        program.run({"arngate", "check", program.file("a", "mapRoles: \"- \\\"us\\x1b[31m\\u202e\\\": x\\n\"\n")});
    EXPECT_EQ(result.out.find('\x1b'), std::string::npos);
    EXPECT_EQ(result.out.find("\u202e"), std::string::npos);
    EXPECT_EQ(result.status, 1);
}

TEST(CheckCommand, HasHelp) {
    Program program;
    const Result result = program.run({"arngate", "check", "--help"});
    EXPECT_EQ(result.status, 0);
    EXPECT_NE(result.out.find("arngate check [flags] FILE..."), std::string::npos) << result.out;
}

}  // namespace
}  // namespace arngate::cli
