#include "config/load.hpp"

#include "config/document.hpp"
#include "config/mounted_file.hpp"
#include "tests/config/temp_config.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace arngate::config {
namespace {

using testing::TempConfig;
using namespace std::chrono_literals;

std::expected<Loaded, Problems> load_text(const TempConfig& file, std::vector<Override> overrides = {}) {
    LoadRequest request;
    request.file = file.path();
    request.overrides = std::move(overrides);
    return load(request);
}

std::string warnings_of(std::string_view text) {
    const TempConfig file(text);
    const auto loaded = load_text(file);
    return loaded ? file.texts(loaded->warnings) : "refused: " + file.texts(loaded.error());
}

TEST(Load, ReadsEverySection) {
    const TempConfig file(R"(
clusterID: c
log-format: json
compat: arngate
server:
  threads: 2
  healthAddress: "::1"
  healthPort: 0
  metricsPort: 9100
  drainTimeout: 3
  tls: {certFile: /c, keyFile: /k, clientCAFile: /ca, minVersion: 1.3}
mapping: {accountOrder: inChain, stripRolePaths: false}
sts:
  caFile: /ca.pem
  connectTo: ["sts.us-east-1.amazonaws.com:443:[::1]:8443"]
  extraRegions: xx-new-1
  extraHosts: [vpce-1.sts.us-east-1.vpce.amazonaws.com]
  region: eu-central-1
  maxAhead: none
  reviewTimeout: 250ms
cache: {enabled: false, ttl: 1m30s, maxBytes: 1MiB}
limits: {tokenBytes: 8KiB, bodyBytes: 32768}
answers: {refusalStatus: forbidden}
)");
    const auto loaded = load_text(file);
    ASSERT_TRUE(loaded) << file.texts(loaded.error());
    EXPECT_EQ(file.texts(loaded->warnings), "");
    const Settings& settings = loaded->settings;
    EXPECT_EQ(settings.log.format, log::Format::json);
    EXPECT_EQ(settings.server.threads, 2U);
    EXPECT_EQ(settings.server.health_address, "::1");
    EXPECT_EQ(settings.server.health_port, 0);
    ASSERT_TRUE(settings.server.metrics);
    EXPECT_EQ(settings.server.metrics->address, "127.0.0.1");
    EXPECT_EQ(settings.server.metrics->port, 9100);
    EXPECT_EQ(settings.server.drain_timeout, 3s);
    EXPECT_EQ(settings.server.tls.cert_file, "/c");
    EXPECT_EQ(settings.server.tls.key_file, "/k");
    EXPECT_EQ(settings.server.tls.client_ca_file, "/ca");
    EXPECT_TRUE(settings.server.tls.require_tls13);
    EXPECT_FALSE(settings.mapping.accounts_after_all);
    EXPECT_FALSE(settings.mapping.strip_role_paths);
    EXPECT_EQ(settings.sts.ca_files, std::vector<std::string>{"/ca.pem"});
    EXPECT_EQ(settings.sts.connect_to.size(), 1U);
    EXPECT_EQ(settings.sts.extra_regions, std::vector<std::string>{"xx-new-1"});
    EXPECT_EQ(settings.sts.extra_hosts.size(), 1U);
    EXPECT_EQ(settings.sts.own_region, "eu-central-1");
    EXPECT_FALSE(settings.sts.max_ahead);
    EXPECT_EQ(settings.sts.review_timeout, 250ms);
    EXPECT_EQ(settings.sts.attempt_timeout, 250ms) << "follows the whole when nobody set it";
    EXPECT_EQ(settings.sts.connect_timeout, 250ms);
    EXPECT_FALSE(settings.cache.enabled);
    EXPECT_EQ(settings.cache.ttl, 90s);
    EXPECT_EQ(settings.cache.max_bytes, 1U << 20U);
    EXPECT_EQ(settings.limits.token_bytes, 8192U);
    EXPECT_EQ(settings.limits.body_bytes, 32'768U);
    EXPECT_TRUE(settings.answers.refuse_with_403);
    EXPECT_TRUE(settings.feature_gates.at("SSORoleMatch"));
}

TEST(Load, ProfileDecidesDefaultsAndKeysBeatIt) {
    const TempConfig file("clusterID: c\ncompat: reference\nsts: {requirePartition: true}\n");
    const auto loaded = load_text(file);
    ASSERT_TRUE(loaded);
    const Settings& settings = loaded->settings;
    EXPECT_EQ(settings.profile, Profile::reference);
    EXPECT_TRUE(settings.answers.refuse_with_403);
    EXPECT_FALSE(settings.answers.echo_version);
    EXPECT_FALSE(settings.answers.strict_requests);
    EXPECT_FALSE(settings.mapping.accounts_after_all);
    EXPECT_FALSE(settings.mapping.strip_role_paths);
    EXPECT_TRUE(settings.sts.accept_sibling_partition);
    EXPECT_TRUE(settings.sts.require_partition) << "given";
    EXPECT_TRUE(settings.sts.require_account);
    EXPECT_FALSE(settings.sts.max_ahead);
    EXPECT_FALSE(settings.feature_gates.at("SSORoleMatch"));

    const auto flag = load_text(file, {{"compat", {"arngate"}, "--compat"}});
    ASSERT_TRUE(flag);
    EXPECT_EQ(flag->settings.profile, Profile::arngate);
    EXPECT_FALSE(flag->settings.answers.refuse_with_403);

    LoadRequest request;
    request.overrides = {{"clusterID", {"c"}, "-i"}};
    request.default_profile = Profile::reference;
    const auto by_name = load(request);
    ASSERT_TRUE(by_name);
    EXPECT_EQ(by_name->settings.profile, Profile::reference);
}

TEST(Load, FirstOverrideWins) {
    const TempConfig file("clusterID: file\nserver: {port: 1}\n");
    const auto loaded = load_text(
        file, {{"clusterID", {"flag"}, "--cluster-id"}, {"CLUSTERID", {"env"}, "ENV"}, {"server.port", {"2"}, "--port"}}
    );
    ASSERT_TRUE(loaded);
    EXPECT_EQ(loaded->settings.cluster_id, "flag");
    EXPECT_EQ(loaded->settings.server.port, 2);
}

TEST(Load, OverridesAreCheckedAndNamed) {
    const TempConfig file("clusterID: c\n");
    const auto loaded = load_text(
        file,
        {{"server.port", {"65536"}, "--port"},
         {"server.backendMode", {"MountedFile, CRD"}, "--backend-mode"},
         {"log-verbosity", {"loud"}, "AWS_IAM_AUTHENTICATOR_LOG_VERBOSITY"},
         {"nonsense", {"x"}, "--nonsense"},
         {"sts.connectTo", {"a:1:b:2,c"}, "--sts-connect-to"},
         {"token", {"k8s-aws-v1.\x01"}, "--token"},
         {"feature-gates", {"SSORoleMatch=maybe"}, "--feature-gates"}}
    );
    ASSERT_FALSE(loaded);
    EXPECT_EQ(
        file.texts(loaded.error()),
        "--nonsense: nonsense: found an unknown key, expected a key of the schema.\n"
        "--feature-gates: feature-gates: found \"SSORoleMatch=maybe\", expected SSORoleMatch=true or "
        "SSORoleMatch=false.\n"
        "AWS_IAM_AUTHENTICATOR_LOG_VERBOSITY: log-verbosity: found \"loud\", expected one of trace, debug, info, warn, "
        "warning, error, fatal, panic.\n"
        "--token: token: found a value that is not shown, expected text without control characters.\n"
        "--port: server.port: found \"65536\", expected a whole number from 0 to 65535.\n"
        "--sts-connect-to: sts.connectTo: found \"c\", expected a list: HOST1:PORT1:HOST2:PORT2.\n"
        "--backend-mode: server.backendMode: found \" CRD\", expected one of MountedFile, EKSConfigMap, CRD, "
        "DynamicFile. Did you mean CRD?"
    );
}

TEST(Load, FlagListsSplitAtCommasAndRepeat) {
    const TempConfig file("clusterID: c\nserver: {dynamicfilepath: /d}\n");
    const auto loaded = load_text(
        file,
        {{"server.backendMode", {"File,CRD", "DynamicFile"}, "--backend-mode"},
         {"sts.caFile", {"/a,b", "/c"}, "--sts-ca-file"}}
    );
    ASSERT_TRUE(loaded) << file.texts(loaded.error());
    EXPECT_EQ(loaded->settings.server.backend_mode, (std::vector<std::string>{"MountedFile", "CRD", "DynamicFile"}));
    EXPECT_EQ(loaded->settings.sts.ca_files, (std::vector<std::string>{"/a,b", "/c"}));
    EXPECT_EQ(
        file.texts(loaded->warnings),
        "--backend-mode: server.backendMode: found the old name \"File\". Write MountedFile."
    );
}

TEST(Load, ABackendUnderBothItsNamesIsAskedOnce) {
    const TempConfig file("clusterID: c\nserver: {backendMode: [File, CRD, MountedFile]}\n");
    const auto loaded = load_text(file, {});
    ASSERT_TRUE(loaded) << file.texts(loaded.error());
    EXPECT_EQ(loaded->settings.server.backend_mode, (std::vector<std::string>{"MountedFile", "CRD"}));
    EXPECT_EQ(
        file.texts(loaded->warnings),
        "c.yaml:2:24: server.backendMode: found the old name \"File\". Write MountedFile.\n"
        "c.yaml:2:35: server.backendMode: found \"MountedFile\" again under its other name. It is asked once."
    );
}

TEST(Load, FeatureGatesComeFromTheFlagAlone) {
    const TempConfig file("clusterID: c\nfeature-gates: SSORoleMatch=false\n");
    const auto loaded =
        load_text(file, {{"feature-gates", {"ConfiguredInitDirectories=false,AllAlpha=true"}, "--feature-gates"}});
    ASSERT_TRUE(loaded);
    const std::map<std::string, bool> expected{
        {"ConfiguredInitDirectories", false}, {"IAMIdentityMappingCRD", true}, {"SSORoleMatch", true}
    };
    EXPECT_EQ(loaded->settings.feature_gates, expected);
    EXPECT_EQ(
        file.texts(loaded->warnings),
        "c.yaml:2:1: feature-gates: found a key that is ignored in files. Use --feature-gates."
    );
    EXPECT_FALSE(load_text(file, {{"feature-gates", {"Unknown=true"}, "--feature-gates"}}));
    EXPECT_FALSE(load_text(file, {{"feature-gates", {"SSORoleMatch"}, "--feature-gates"}}));
}

TEST(Load, ClientDoesNotLookAtTheServersKeys) {
    const TempConfig file("server: {port: nonsense, mapRoles: 3, bogus: 1}\nregion: eu-west-1\ncache: true\n");
    LoadRequest request;
    request.file = file.path();
    request.purpose = Purpose::client;
    const auto loaded = load(request);
    ASSERT_TRUE(loaded) << file.texts(loaded.error());
    EXPECT_TRUE(loaded->warnings.empty());
    EXPECT_EQ(loaded->settings.client.region, "eu-west-1");
    EXPECT_TRUE(loaded->settings.client.cache);

    const TempConfig wrong("region: \"a b\"\nsts: {maxAttempts: 0}\n");
    request.file = wrong.path();
    const auto refused = load(request);
    ASSERT_FALSE(refused);
    EXPECT_EQ(
        wrong.texts(refused.error()),
        "c.yaml:1:9: region: found \"a b\", expected a region such as eu-central-1.\n"
        "c.yaml:2:20: sts.maxAttempts: found \"0\", expected a whole number from 1 to 10."
    );
}

TEST(Load, WarnsOfWhatIsDoubtful) {
    EXPECT_EQ(
        warnings_of("clusterID: c\nserver:\n  prot: 1\n  Port: 2\nelse:\n  x: 1\ndefaultRole: r\n"),
        "c.yaml:3:3: server.prot: found an unknown key, which is ignored. Did you mean server.port?\n"
        "c.yaml:5:1: else: found an unknown key, which is ignored.\n"
        "c.yaml:7:1: defaultRole: found an obsolete key, which is ignored. Never read; the key is `role`."
    );
    EXPECT_EQ(
        warnings_of("clusterID: c\nlog-format: xml\n"),
        "c.yaml:2:13: log-format: found \"xml\", expected one of text, json. Lines are written as text."
    );
    EXPECT_EQ(
        warnings_of("clusterID: c\nserver:\n  mapAccounts: [012345678901, 123, 123456789012]\n  scrubbedAccounts: 1 2\n"
        ),
        "c.yaml:3:17: server.mapAccounts: found the number \"012345678901\", which is read as \"12345678901\", "
        "expected an "
        "account id of 12 digits in quotes. Write \"012345678901\".\n"
        "c.yaml:3:31: server.mapAccounts: found \"123\", expected an account id of 12 digits. It matches nobody.\n"
        "c.yaml:4:21: server.scrubbedAccounts: found \"1\", expected an account id of 12 digits. It matches nobody.\n"
        "c.yaml:4:21: server.scrubbedAccounts: found \"2\", expected an account id of 12 digits. It matches nobody."
    );
    EXPECT_EQ(
        warnings_of("clusterID: c\nserver:\n  mapRoles:\n"
                    "  - rolearn: arn:aws:iam::123456789012:role/A\n    groups: a, b\n"
                    "  - rolearn: arn:aws:iam::123456789012:role/a\n    username: true\n    usernam: x\n"),
        "c.yaml:4:5: server.mapRoles[0].username: found nothing, expected a username. Identities that this entry "
        "matches "
        "are refused.\n"
        "c.yaml:5:13: server.mapRoles[0].groups: found \" b\", expected a name without blanks around it. Blanks are "
        "part "
        "of the name.\n"
        "c.yaml:6:14: server.mapRoles[1].rolearn: found the ARN of line 4 again. The later entry wins.\n"
        "c.yaml:7:15: server.mapRoles[1].username: found \"true\", expected text. It is read as \"1\"; put the text in "
        "quotes.\n"
        "c.yaml:8:5: server.mapRoles[1].usernam: found an unknown key, which is ignored. Did you mean username?"
    );
}

TEST(Load, EntriesComeOutCanonicalWithTheirPlace) {
    const TempConfig file(R"(
clusterID: c
server:
  mapRoles:
    rolearn: arn:aws:sts::123456789012:assumed-role/Admin/session
    username: u
  mapUsers:
  - userARN: ARN:AWS:iam::123456789012:User/Bob
    username: bob
    userid: AIDA1
  reservedPrefixConfig:
  - {backendmode: MountedFile, usernamePrefixReserveList: "system:,,aws:"}
)");
    const auto loaded = load_text(file);
    ASSERT_TRUE(loaded) << file.texts(loaded.error());
    const mapping::SourceRules& rules = loaded->settings.mapping.mounted_file;
    EXPECT_EQ(rules.source, "MountedFile");
    ASSERT_EQ(rules.roles.size(), 1U);
    EXPECT_EQ(rules.roles[0].arn, "arn:aws:iam::123456789012:role/Admin");
    EXPECT_EQ(rules.roles[0].origin.file, file.path());
    EXPECT_EQ(rules.roles[0].origin.line, 5);
    EXPECT_EQ(rules.roles[0].origin.column, 5);
    ASSERT_EQ(rules.users.size(), 1U);
    EXPECT_EQ(rules.users[0].arn, "arn:aws:iam::123456789012:user/bob");
    EXPECT_EQ(rules.users[0].user_id, "AIDA1");
    EXPECT_EQ(rules.reserved_prefixes, (std::vector<std::string>{"system:", "aws:"}));
}

TEST(Load, RolesThatBecomeOneAreRefusedOnlyWhilePathsAreStripped) {
    constexpr std::string_view entries =
        "server:\n  mapRoles:\n  - {rolearn: \"arn:aws:iam::123456789012:role/a/R\", username: x}\n"
        "  - {rolearn: \"arn:aws:iam::123456789012:role/R\", username: y}\n";
    const TempConfig file(std::string("clusterID: c\n") + std::string(entries));
    const auto refused = load_text(file);
    ASSERT_FALSE(refused);
    EXPECT_EQ(
        file.texts(refused.error()),
        "c.yaml:5:15: server.mapRoles[1].rolearn: found the role of line 4 with another path, expected each role once. "
        "Role names are unique in an account whatever their path, and STS reports no path; delete one of the two, or "
        "set "
        "mapping.stripRolePaths to false."
    );
    EXPECT_TRUE(load_text(file, {{"compat", {"reference"}, "--compat"}}));
}

TEST(Load, SsoEntriesActOnlyWithTheirGate) {
    const TempConfig file(R"(
clusterID: c
server:
  mapRoles:
  - sso: {permissionSetName: View, accountID: "123456789012", partition: aws-cn}
    username: v
  - rolearn: arn:aws:iam::123456789012:role/R
    username: r
)");
    const auto on = load_text(file);
    ASSERT_TRUE(on) << file.texts(on.error());
    EXPECT_EQ(on->settings.mapping.mounted_file.roles.at(0).sso.at(0).partition, "aws-cn");
    EXPECT_EQ(effective_rules(on->settings.mapping.mounted_file, on->settings).roles.size(), 2U);
    const auto off = load_text(file, {{"compat", {"reference"}, "--compat"}});
    ASSERT_TRUE(off);
    const auto rules = effective_rules(off->settings.mapping.mounted_file, off->settings);
    ASSERT_EQ(rules.roles.size(), 1U);
    EXPECT_EQ(rules.roles[0].username, "r");
}

TEST(Load, FilesThatCannotBeReadAreNamed) {
    const TempConfig file("clusterID: c\n");
    LoadRequest request;
    request.file = file.path() + ".missing.yaml";
    auto loaded = load(request);
    ASSERT_FALSE(loaded);
    EXPECT_EQ(loaded.error().at(0).text(), request.file + ": found no such file. Check the path given with --config.");
    request.file = std::filesystem::path(file.path()).parent_path().string();
    loaded = load(request);
    ASSERT_FALSE(loaded);
    EXPECT_EQ(loaded.error().at(0).found, "a directory");
}

TEST(Load, BoundsTheFile) {
    const TempConfig file("clusterID: c\n");
    std::filesystem::resize_file(file.path(), max_document_bytes + 1);
    const auto loaded = load_text(file);
    ASSERT_FALSE(loaded);
    EXPECT_EQ(
        file.texts(loaded.error()), "c.yaml: found more than 64 MiB. A configuration file may have 64 MiB at most."
    );
}

TEST(Environment, VariablesSetToNothingDoNotCount) {
    const auto overrides = overrides_from_environment([](const char* name) -> const char* {
        const std::string_view variable(name);
        if (variable == "DEFAULT_ROLE")
            return "r";
        if (variable == "ARNGATE_COMPAT")
            return "reference";
        if (variable == "AWS_IAM_AUTHENTICATOR_LOG_VERBOSITY")
            return "";
        return nullptr;
    });
    ASSERT_EQ(overrides.size(), 2U);
    EXPECT_EQ(overrides[0].key, "compat");
    EXPECT_EQ(overrides[0].source, "ARNGATE_COMPAT");
    EXPECT_EQ(overrides[1].key, "role");
    EXPECT_EQ(overrides[1].values, std::vector<std::string>{"r"});
}

std::vector<std::string_view> changed(std::string_view before, std::string_view after) {
    const TempConfig file(before);
    const auto running = load_text(file);
    file.write(after);
    const auto fresh = load_text(file);
    if (!running || !fresh)
        return {"refused"};
    std::vector<std::string_view> paths;
    for (const Key* key : keys_that_need_a_restart(running->values, fresh->values))
        paths.push_back(key->path);
    return paths;
}

TEST(Load, TellsWhichChangesNeedARestart) {
    using Paths = std::vector<std::string_view>;
    EXPECT_EQ(changed("clusterID: c\n", "clusterID: c\nserver: {port: 21362}\n"), Paths{});
    EXPECT_EQ(changed("clusterID: c\n", "clusterID: d\n"), Paths{"clusterID"});
    EXPECT_EQ(
        changed(
            "clusterID: c\nserver: {port: 1, metricsPort: 7}\n",
            "clusterID: c\nlog-verbosity: debug\nserver: {tls: {minVersion: 1.3}, scrubbedAccounts: '111122223333'}\n"
        ),
        (Paths{"log-verbosity", "server.port", "server.metricsPort", "server.scrubbedAccounts", "server.tls.minVersion"}
        )
    );
    EXPECT_EQ(
        changed(
            "clusterID: c\n",
            "clusterID: c\nmapping: {stripRolePaths: false, accountOrder: inChain}\n"
            "server: {mapAccounts: ['111122223333']}\n"
        ),
        Paths{}
    );
    const Paths by_profile = changed("clusterID: c\n", "clusterID: c\ncompat: reference\n");
    EXPECT_EQ(by_profile.front(), "compat");
    EXPECT_NE(std::ranges::find(by_profile, "answers.refusalStatus"), by_profile.end());
}

TEST(Load, KeepsSecretsOutOfTheValuesItTells) {
    LoadRequest request;
    request.purpose = Purpose::client;
    request.overrides.push_back({"token", {"k8s-aws-v1.secret"}, "--token"});
    const auto loaded = load(request);
    ASSERT_TRUE(loaded);
    EXPECT_EQ(loaded->settings.client.token, "k8s-aws-v1.secret");
    EXPECT_FALSE(loaded->values.contains("token"));
    EXPECT_TRUE(loaded->values.contains("clusterID"));
}

TEST(Load, TakesVariablesOfBothNamesAndNoServiceLinks) {
    const std::map<std::string, std::string, std::less<>> variables{
        {"DEFAULT_ROLE", "arn:aws:iam::111122223333:role/First"},
        {"ARNGATE_ROLE", "arn:aws:iam::111122223333:role/Second"},
        {"ARNGATE_CLUSTER_ID", "c"},
        {"ARNGATE_SERVER_PORT", "tcp://10.0.0.1:21362"},
        {"ARNGATE_SERVER_BACKEND_MODE", "EKSConfigMap,MountedFile"},
        {"ARNGATE_LIMITS_CONNECTIONS", ""},
        {"ARNGATE_SERVER_MAP_ACCOUNTS", "111122223333"},
    };
    LoadRequest request;
    request.overrides = overrides_from_environment([&](const char* name) {
        const auto found = variables.find(name);
        return found == variables.end() ? nullptr : found->second.c_str();
    });
    const auto loaded = load(request);
    ASSERT_TRUE(loaded);
    EXPECT_EQ(loaded->settings.client.role, "arn:aws:iam::111122223333:role/First");
    EXPECT_EQ(loaded->settings.cluster_id, "c");
    EXPECT_EQ(loaded->settings.server.port, 21362);
    EXPECT_EQ(loaded->settings.server.backend_mode, (std::vector<std::string>{"EKSConfigMap", "MountedFile"}));
    EXPECT_EQ(loaded->settings.limits.connections, 10'000U);
    EXPECT_TRUE(loaded->settings.mapping.mounted_file.accounts.empty());
}

TEST(Problem, TextLeavesOutWhatIsEmpty) {
    Problem problem;
    problem.file = "config.yaml";
    problem.line = 12;
    problem.column = 9;
    problem.key = "server.port";
    problem.found = quote("abc");
    problem.expected = "a whole number";
    EXPECT_EQ(problem.text(), "config.yaml:12:9: server.port: found \"abc\", expected a whole number.");
    problem.advice = "Fix it.";
    EXPECT_EQ(problem.text(), "config.yaml:12:9: server.port: found \"abc\", expected a whole number. Fix it.");
    EXPECT_EQ(Problem{}.text(), "");
    Problem bare;
    bare.advice = "Do this.";
    EXPECT_EQ(bare.text(), "Do this.");
    bare.expected = "that";
    EXPECT_EQ(bare.text(), "expected that. Do this.");
}

TEST(Problem, QuotedTextsAreShortAndPrintable) {
    EXPECT_EQ(quote("a\"\\\n\x7f\xff"), R"("a\"\\\x0a\x7f\xff")");
    EXPECT_EQ(quote(std::string(60, 'x')), '"' + std::string(60, 'x') + '"');
    EXPECT_EQ(quote(std::string(61, 'x')), '"' + std::string(60, 'x') + "\"…");
}

}  // namespace
}  // namespace arngate::config
