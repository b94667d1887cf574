#include "config/check/reading.hpp"
#include "tests/config/check/findings.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace arngate::config::check {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const std::string arn = "arn:aws:iam::123456789012:role/Dev";

TEST(Reading, NamesPlacesInsideAConfigMapByTheLinesOfTheFile) {
    const std::string manifest =
        "apiVersion: apps/v1\n"
        "kind: Deployment\n"
        "---\n"
        "apiVersion: v1\n"
        "kind: ConfigMap\n"
        "metadata:\n"
        "  name: aws-auth\n"
        "data:\n"
        "  mapRoles: |\n"
        "    - rolearn: " +
        arn +
        "\n"
        "      usernme: a\n"
        "      username: b\n"
        "    - rolearn: [x]\n"
        "      username: b\n"
        "  mapAccounts: \"- 12345\\n\"\n";
    EXPECT_THAT(
        places(check_text("f.yaml", manifest)),
        ElementsAre("unknown-key@11:7", "rejected-entry@13:7", "rejected-entry@13:16", "account-id@15:19")
    );
}

TEST(Reading, TakesWhatKubectlPrints) {
    const std::string json = R"({"apiVersion":"v1","kind":"List","items":[{"apiVersion":"v1","kind":"Secret"},)"
                             "\n"
                             R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"x"},"data":{"mapRoles":)"
                             "\n"
                             R"("- rolearn: )" +
                             arn + R"(\n  username: \"{{SessionName}}\"\n"}}]})";
    EXPECT_THAT(places(check_text("f.json", json)), ElementsAre("caller-chosen-name@3:4"));
}

TEST(Reading, PassesOtherObjectsOver) {
    EXPECT_THAT(check_text("f.yaml", "apiVersion: v1\nkind: Pod\n---\n---\n- a\n---\ntext\n"), IsEmpty());
    EXPECT_THAT(check_text("f.yaml", "apiVersion: v1\nkind: ConfigMap\ndata: {a: b}\n"), IsEmpty());
    EXPECT_THAT(check_text("f.yaml", "apiVersion: v2\nkind: ConfigMap\ndata: {mapRoles: x}\n"), IsEmpty());
}

/// A ConfigMap as the chart renders it, and as the manifests of aws-iam-authenticator have it; the value begins in line
/// 7 with an indentation of 4.
std::string with_configuration(const std::string& indented) {
    return "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: arngate\ndata:\n  config.yaml: |\n" + indented;
}

TEST(Reading, LoadsAConfigurationInsideAConfigMapAsTheServerDoes) {
    EXPECT_THAT(check_text("f.yaml", with_configuration("    clusterID: c\n    server: {mapRoles: []}\n")), IsEmpty());
    const auto found = check_text(
        "f.yaml",
        with_configuration(
            "    # a comment\n"
            "    clusterID: c\n"
            "    server:\n"
            "      prot: 1\n"
            "      mapRoles:\n"
            "        - roleARN: " +
            arn +
            "\n"
            "          username: \"{{SessionName}}\"\n"
            "        - roleARN: " +
            arn +
            "\n"
            "          username: b\n"
            "      mapAccounts: [012345678901]\n"
        )
    );
    EXPECT_THAT(
        places(found),
        ElementsAre("unknown-key@10:7", "caller-chosen-name@12:11", "duplicate@14:20", "account-id@16:21")
    );
    EXPECT_THAT(found.at(2).message, testing::HasSubstr("the ARN of line 12 again"));
    for (const Finding& finding : found)
        EXPECT_EQ(finding.file, "f.yaml");
}

TEST(Reading, NamesPlacesInAConfigurationOfAnyScalar) {
    const std::string json = R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"x"},"data":{"config.yaml":)"
                             "\n"
                             R"("clusterID: c\nserver:\n  port: x\n"}})";
    EXPECT_THAT(places(check_text("f.json", json)), ElementsAre("invalid-value@2:33"));
    EXPECT_THAT(
        places(check_text("f.yaml", with_configuration("    clusterID: c\n    clusterid: d\n"))),
        ElementsAre("duplicate-key@8:5")
    );
    EXPECT_THAT(
        check_text("f.yaml", with_configuration("    clusterID: c\n    clusterid: d\n")).at(0).message,
        testing::HasSubstr("the key of line 7 again")
    );
    EXPECT_THAT(
        places(check_text(
            "f.yaml",
            with_configuration(
                "    clusterID: c\n    server:\n      mapUsers:\n      - userARN: " + arn +
                "\n        username: {{SessionName}}\n"
            )
        )),
        ElementsAre("unquoted-template@11:20")
    );
    EXPECT_THAT(
        places(check_text("f.yaml", with_configuration("    server:\n      backendMode: [CRD]\n"))),
        ElementsAre("invalid-value@6:16")
    );
}

TEST(Reading, TakesFlagsForAConfigurationInsideAConfigMap) {
    CheckOptions options;
    options.read.overrides = {{"clusterID", {"c"}, "--cluster-id"}};
    EXPECT_THAT(
        check_text("f.yaml", with_configuration("    server:\n      backendMode: [CRD]\n"), options), IsEmpty()
    );
    options.read.overrides.push_back({"server.port", {"x"}, "--port"});
    const auto found = check_text("f.yaml", with_configuration("    server:\n      backendMode: [CRD]\n"), options);
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found.front().file, "--port");
}

TEST(Reading, ChecksEntriesOfAConfigurationInsideAConfigMapByItsSettings) {
    const std::string partition =
        "    clusterID: c\n    server:\n      partition: aws-cn\n      mapRoles:\n      - roleARN: ";
    const std::string one = with_configuration(partition + arn + "\n        username: a\n");
    EXPECT_THAT(places(check_text("f.yaml", one)), ElementsAre("other-partition@11:9"));
    // Of several servers none has the settings of another.
    EXPECT_THAT(check_text("f.yaml", one + "---\n" + one), IsEmpty());
}

TEST(Reading, PassesConfigurationsOfOtherProgramsOver) {
    for (const std::string text : {
             "    server:\n      port: 9095\n    clusters: []\n",
             "    log: debug\n",
             "    - a\n",
             "    [\n",
             "    mapping: {a: b}\n",
         })
        EXPECT_THAT(check_text("f.yaml", with_configuration(text)), IsEmpty()) << text;
    EXPECT_THAT(
        check_text("f.yaml", "apiVersion: v1\nkind: ConfigMap\ndata:\n  notes: |\n    clusterID: c\n    prot: 1\n"),
        IsEmpty()
    );
}

TEST(Reading, NamesAMappingWithoutText) {
    const std::string head = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: aws-auth}\n";
    EXPECT_THAT(places(check_text("f", head)), ElementsAre("no-entries@1:1"));
    EXPECT_THAT(places(check_text("f", head + "data: []\n")), ElementsAre("config-map-value@4:7"));
    EXPECT_THAT(places(check_text("f", head + "data: {}\n")), ElementsAre("no-entries@4:7"));
    EXPECT_THAT(
        rule_ids(check_text("f", head + "data:\n  mapRoles:\n    - rolearn: " + arn + "\n")),
        ElementsAre("no-entries", "config-map-value")
    );
    EXPECT_THAT(
        rule_ids(check_text("f", head + "data:\n  maproles: |\n    - rolearn: " + arn + "\n")),
        ElementsAre("no-entries", "unknown-key")
    );
    EXPECT_THAT(
        rule_ids(check_text("f", head + "data:\n  mapUsers: \"\"\n  mapUsers: \"\"\n")),
        ElementsAre("no-entries", "duplicate-key")
    );
}

TEST(Reading, NamesTemplatesWithoutQuotesEverywhere) {
    EXPECT_THAT(
        places(check_text("f", "mapRoles: |\n  - rolearn: " + arn + "\n    username: {{SessionName}}\n")),
        ElementsAre("unquoted-template@3:16")
    );
    EXPECT_THAT(
        rule_ids(
            check_text("f.yaml", "clusterID: c\nserver:\n  mapRoles:\n  - rolearn: " + arn + "\n    username: {{A}}\n")
        ),
        ElementsAre("unquoted-template")
    );
    EXPECT_THAT(
        rule_ids(check_text("f.yaml", "apiVersion: v1\nkind: ConfigMap\ndata: {{x}}\n")),
        ElementsAre("unquoted-template")
    );
}

TEST(Reading, NamesWhatIsNoYaml) {
    EXPECT_THAT(places(check_text("f", "apiVersion: v1\nkind: [\n")).size(), 1U);
    EXPECT_THAT(rule_ids(check_text("f", "apiVersion: v1\nkind: [\n")), ElementsAre("syntax"));
    EXPECT_THAT(places(check_text("f", "mapRoles: |\n  - a: [\n")), ElementsAre("syntax@2:9"));
    EXPECT_THAT(places(check_text("f", "mapRoles: |\n  a: b\n")), ElementsAre("syntax@2:3"));
    EXPECT_THAT(rule_ids(check_text("f.json", "{\"mapRoles\": [")), ElementsAre("syntax"));
    EXPECT_THAT(rule_ids(check_text("f", "what is this\n")), ElementsAre("unknown-kind"));
    CheckOptions options;
    options.read.kind = Kind::config_map_data;
    EXPECT_THAT(rule_ids(check_text("f", "- a\n", options)), ElementsAre("syntax"));
}

TEST(Reading, LoadsAConfigurationAsTheServerDoes) {
    EXPECT_THAT(rule_ids(check_text("f.yaml", "clusterID: c\nserver: {port: x}\n")), ElementsAre("invalid-value"));
    EXPECT_THAT(places(check_text("f.yaml", "clusterID: c\nserver:\n  prot: 1\n")), ElementsAre("unknown-key@3:3"));
    EXPECT_THAT(
        places(check_text("f.toml", "clusterID = \"c\"\n[server]\nprot = 1\n")), ElementsAre("unknown-key@3:1")
    );
    EXPECT_THAT(rule_ids(check_text("f.yaml", "server: {}\n")), ElementsAre("invalid-value"));
    CheckOptions options;
    options.read.overrides = {{"clusterID", {"c"}, "--cluster-id"}};
    EXPECT_THAT(check_text("f.yaml", "server: {}\n", options), IsEmpty());
    EXPECT_THAT(check_text("<stdin>", "server: {}\n", options), IsEmpty());
    EXPECT_EQ(check_text("<stdin>", "server: {port: x}\n", options).at(0).file, "<stdin>");
    EXPECT_THAT(rule_ids(check_text("f.yaml", "clusterID: a\nclusterid: b\n")), ElementsAre("duplicate-key"));
}

TEST(Reading, NamesEntriesThatNoBackendUses) {
    EXPECT_THAT(
        rule_ids(check_text(
            "f.yaml",
            "clusterID: c\nserver:\n  backendMode: [DynamicFile]\n  dynamicfilepath: /x\n  mapAccounts: "
            "[\"123456789012\"]\n"
        )),
        ElementsAre("unused-mapping")
    );
}

TEST(Reading, NamesLostZerosOfAccounts) {
    EXPECT_THAT(
        places(check_text("f.yaml", "clusterID: c\nserver:\n  mapAccounts:\n    - 012345678901\n    - 1\n")),
        ElementsAre("account-id@4:7", "account-id@5:7")
    );
}

TEST(Reading, ReadsDynamicFilesByArnOrUserId) {
    const std::string text =
        "{\"mapRoles\": [\n {\"rolearn\": \"" + arn + "\", \"username\": \"a\"},\n {\"username\": \"b\"}]}";
    EXPECT_THAT(places(check_text("f", text)), ElementsAre("rejected-entry@3:2"));
    CheckOptions options;
    options.read.kind = Kind::dynamic_file_strict;
    EXPECT_THAT(places(check_text("f", text, options)), ElementsAre("rejected-entry@2:2", "rejected-entry@3:2"));
}

TEST(Reading, LooksAtIdentityMappingsTogether) {
    const auto object = [](const std::string& name, const std::string& spec) {
        return "---\napiVersion: iamauthenticator.k8s.aws/v1alpha1\nkind: IAMIdentityMapping\nmetadata: {name: " +
               name + "}\nspec:\n" + spec;
    };
    EXPECT_THAT(check_text("f", object("a", "  arn: " + arn + "\n  username: a\n")), IsEmpty());
    EXPECT_THAT(
        places(check_text("f", object("a", "  arn: nonsense\n  username: a\n"))), ElementsAre("rejected-entry@6:8")
    );
    EXPECT_THAT(
        places(check_text(
            "f", object("b", "  arn: " + arn + "\n  username: b\n") + object("a", "  arn: " + arn + "\n  username: a\n")
        )),
        ElementsAre("rejected-entry@6:8")
    );
    EXPECT_THAT(
        places(check_text("f", object("a", "  arn: " + arn + "\n  username: yes\n"))),
        ElementsAre("rejected-entry@7:13")
    );
    EXPECT_THAT(places(check_text("f", object("\"\"", "  arn: x\n"))), ElementsAre("rejected-entry@2:1"));
    const std::string good = object("a", "  arn: " + arn + "\n  username: a\n");
    EXPECT_THAT(rule_ids(check_text("f", good + good)), ElementsAre("duplicate"));
    EXPECT_THAT(
        rule_ids(check_text("f", object("a", "  arn: " + arn + "\n  username: \"{{SessionName}}:masters\"\n"))),
        ElementsAre("caller-chosen-system-name")
    );
}

TEST(Reading, BoundsAliasesOverAllDocumentsOfAFile) {
    std::string text = "apiVersion: v1\nkind: x\n";
    for (int i = 0; i < 4; ++i) {
        text += "---\na: &a [1,1,1,1,1,1,1,1,1,1]\n";
        char last = 'a';
        for (char name = 'b'; name < 'g'; ++name) {
            text += std::string(1, name) + ": &" + name + " [";
            for (int j = 0; j < 10; ++j)
                text += std::string(j == 0 ? "*" : ",*") + last;
            text += "]\n";
            last = name;
        }
    }
    EXPECT_THAT(rule_ids(check_text("f", text)), ElementsAre("syntax"));
}

}  // namespace
}  // namespace arngate::config::check
