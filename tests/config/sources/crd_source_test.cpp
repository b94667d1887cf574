#include "config/sources/crd_source.hpp"

#include "config/sources/crd_document.hpp"
#include "config/sources/crd_status_writer.hpp"
#include "core/base/log.hpp"
#include "tests/config/sources/kube_source_fixture.hpp"

#include <algorithm>

namespace arngate::config {
namespace {

using kube::test::event;
using kube::test::object;

std::string mapping(
    std::string_view name, std::string_view version, std::string_view arn, std::string_view status = {}
) {
    return object(
        name,
        version,
        fmt::format(
            R"(,"spec":{{"arn":"{}","username":"{}","groups":["g"]}},"status":{{"canonicalARN":"{}"}})",
            arn,
            name,
            status
        )
    );
}

IdentityMapping read(const std::string& json) {
    simdjson::dom::parser parser;
    simdjson::dom::element root;
    EXPECT_EQ(parser.parse(json).get(root), simdjson::SUCCESS);
    const auto parsed = kube::read_object(root);
    EXPECT_TRUE(parsed);
    return read_identity_mapping(*parsed);
}
IdentityMapping read_spec(std::string_view spec) {
    return read(object("n", "1", fmt::format(R"(,"spec":{})", spec)));
}

constexpr std::string_view role_a = "arn:aws:iam::012345678901:role/A";

TEST(CrdDocument, CanonicalisesTheArnAndDoesNotObeyTheStatus) {
    const auto role =
        read(mapping("a", "1", "arn:aws:sts::012345678901:assumed-role/Admin/s", "arn:aws:iam::012345678901:role/other")
        );
    EXPECT_EQ(role.canonical_arn, "arn:aws:iam::012345678901:role/admin");
    EXPECT_EQ(role.written_canonical_arn, "arn:aws:iam::012345678901:role/other");
    EXPECT_EQ(role.rule.username, "a");
    EXPECT_EQ(role.rule.groups, std::vector<std::string>{"g"});
    EXPECT_EQ(role.rule.origin.file, "iamidentitymappings/a");
    EXPECT_TRUE(role.problems.empty());
    EXPECT_EQ(
        read_spec(R"({"arn":"ARN:AWS:IAM::012345678901:USER/U","username":"u"})").canonical_arn,
        "arn:aws:iam::012345678901:user/u"
    );
}

TEST(CrdDocument, LeavesOutWhatItCannotUse) {
    for (const char* spec :
         {"null",
          "7",
          "{}",
          R"({"arn":"","username":"u"})",
          R"({"arn":"arn:aws:s3:::b","username":"u"})",
          R"({"arn":7,"username":"u"})",
          R"({"arn":"arn:aws:iam::012345678901:role/A"})",
          R"({"arn":"arn:aws:iam::012345678901:role/A","username":7})",
          R"({"arn":"arn:aws:iam::012345678901:role/A","username":"u","groups":"g"})",
          R"({"arn":"arn:aws:iam::012345678901:role/A","username":"u","groups":["g",7]})"}) {
        const IdentityMapping one = read_spec(spec);
        EXPECT_TRUE(one.canonical_arn.empty()) << spec;
        EXPECT_FALSE(one.problems.empty()) << spec;
    }
    const IdentityMapping empty =
        read_spec(R"({"arn":"arn:aws:iam::012345678901:role/A","username":"","groups":null})");
    EXPECT_FALSE(empty.canonical_arn.empty());
    EXPECT_EQ(empty.problems.size(), 1U);
}

TEST(CrdDocument, HoldsEachObjectToItsLimits) {
    const auto with_username = [](std::size_t size) {
        return read_spec(fmt::format(R"({{"arn":"{}","username":"{}"}})", role_a, std::string(size, 'u')));
    };
    EXPECT_TRUE(with_username(max_crd_username_bytes).problems.empty());
    EXPECT_FALSE(with_username(max_crd_username_bytes + 1).problems.empty());
    const auto with_groups = [](std::size_t size) {
        return read_spec(fmt::format(R"({{"arn":"{}","username":"u","groups":["{}"]}})", role_a, std::string(size, 'g'))
        );
    };
    EXPECT_TRUE(with_groups(max_crd_group_bytes - 1).problems.empty());
    EXPECT_FALSE(with_groups(max_crd_group_bytes).problems.empty());
    const auto with_arn = [](std::size_t size) {
        return read_spec(
            fmt::format(R"({{"arn":"{}{}","username":"u"}})", role_a, std::string(size - role_a.size(), 'a'))
        );
    };
    EXPECT_TRUE(with_arn(max_crd_arn_bytes).problems.empty());
    EXPECT_FALSE(with_arn(max_crd_arn_bytes + 1).problems.empty());
}

TEST(CrdDocument, TheFirstNameCountsForAnArn) {
    IdentityMappings all;
    all.emplace("c", read(mapping("c", "1", role_a)));
    all.emplace("b", read(mapping("b", "9", "arn:aws:iam::012345678901:role/a")));
    all.emplace("a", read(mapping("a", "5", "no ARN")));
    all.emplace("u", read(mapping("u", "5", "arn:aws:iam::012345678901:user/role/x")));
    const CrdDocument document = rules_of(all);
    EXPECT_EQ(document.rules.source, "CRD");
    ASSERT_EQ(document.rules.roles.size(), 1U);
    EXPECT_EQ(document.rules.roles[0].username, "b");
    ASSERT_EQ(document.rules.users.size(), 1U);
    EXPECT_EQ(document.rejected, 2U);
    ASSERT_EQ(document.problems.size(), 2U);
    EXPECT_TRUE(document.problems[1].text().contains("iamidentitymappings/b is for the same ARN"));
}

class CrdSourceTest : public test::KubeSourceTest {
protected:
    CrdSourceOptions crd_options(std::chrono::milliseconds write_pause) {
        CrdSourceOptions all;
        all.kube = options();
        all.settle = std::chrono::milliseconds(1);
        all.write_pause = write_pause;
        return all;
    }
    /// A source that never comes to write a status.
    void start() { KubeSourceTest::start(make_crd_source(crd_options(std::chrono::hours(1)))); }
};

TEST_F(CrdSourceTest, ReportsObjectsAsTheyComeChangeAndGo) {
    api.list("7", {mapping("a", "3", role_a)});
    api.watch(
        {event("ADDED", mapping("b", "8", "arn:aws:iam::012345678901:user/B"))},
        {net::test::wait(gate),
         net::test::send(fmt::format(
             "{:x}\r\n{}\r\n",
             event("DELETED", mapping("a", "9", role_a)).size(),
             event("DELETED", mapping("a", "9", role_a))
         ))}
    );
    start();
    EXPECT_EQ(source->name(), "CRD");
    ASSERT_TRUE(report(1));
    EXPECT_EQ(report(1)->rules.roles.size(), 1U);
    EXPECT_EQ(report(1)->rules.reserved_prefixes, std::vector<std::string>{"aws:"});
    EXPECT_EQ(report(1)->version, "7");
    EXPECT_EQ(report(2)->rules.users.size(), 1U);
    gate.open();
    EXPECT_TRUE(report(3)->rules.roles.empty());
    EXPECT_EQ(report(3)->rules.users.size(), 1U);
    EXPECT_EQ(api.line(0), "GET /apis/iamauthenticator.k8s.aws/v1alpha1/iamidentitymappings?limit=500 HTTP/1.1");
}

TEST_F(CrdSourceTest, AStatusThatChangesIsNoNews) {
    api.list("7", {mapping("a", "3", role_a)});
    open_watch(
        {event("MODIFIED", mapping("a", "8", role_a, "arn:aws:iam::012345678901:role/a")),
         event("ADDED", mapping("b", "9", "arn:aws:iam::012345678901:role/B"))}
    );
    start();
    EXPECT_EQ(report(2)->rules.roles.size(), 2U);
    EXPECT_EQ(reports.size(), 2U);
}

TEST_F(CrdSourceTest, SaysThatTheDefinitionIsNotInstalled) {
    api.answer(404, "404 page not found");
    api.list("7", {});
    open_watch();
    start();
    ASSERT_FALSE(report(1));
    EXPECT_TRUE(report(1).error().problems[0].text().contains("CustomResourceDefinition"));
    EXPECT_TRUE(report(2));
}

class CrdStatusWriterTest : public test::KubeSourceTest {
protected:
    CrdStatusWriterTest() {
        CrdStatusWriterOptions all;
        all.pause = std::chrono::milliseconds(0);
        all.backoff.first = std::chrono::milliseconds(2);
        all.backoff.longest = std::chrono::milliseconds(2);
        log::set_sink([this](std::string_view line) { lines.emplace_back(line); });
        writer = std::make_unique<CrdStatusWriter>(
            io.get_executor(),
            std::make_unique<kube::ApiSession>(
                io.get_executor(), [this] { return api.access(); }, kube::ApiClientOptions{}, metrics
            ),
            all
        );
    }
    ~CrdStatusWriterTest() override { log::set_sink({}); }
    CrdStatusWriterTest(const CrdStatusWriterTest&) = delete;
    CrdStatusWriterTest& operator=(const CrdStatusWriterTest&) = delete;

    void look_at(std::string_view name, std::string_view version, std::string_view arn, std::string_view status = {}) {
        writer->look_at(std::string(name), read(mapping(name, version, arn, status)));
    }

    std::vector<std::string> lines;
    std::unique_ptr<CrdStatusWriter> writer;
};

TEST_F(CrdStatusWriterTest, WritesTheVersionThatItSawAndRecordsAnEvent) {
    api.answer(200, "{}");
    api.answer(201, "{}");
    look_at("a", "3", role_a);
    run_until_asked(2);
    EXPECT_EQ(api.line(0), "PATCH /apis/iamauthenticator.k8s.aws/v1alpha1/iamidentitymappings/a/status HTTP/1.1");
    EXPECT_TRUE(api.requests()[0].contains("\r\nContent-Type: application/merge-patch+json\r\n"));
    EXPECT_TRUE(api.requests()[0].ends_with(
        R"({"metadata":{"resourceVersion":"3"},"status":{"canonicalARN":"arn:aws:iam::012345678901:role/a"}})"
    )) << api.requests()[0];
    EXPECT_EQ(api.line(1), "POST /api/v1/namespaces/default/events HTTP/1.1");
    EXPECT_TRUE(api.requests()[1].contains(R"("reason":"Synced")"));
    EXPECT_TRUE(api.requests()[1].contains(R"("uid":"u-a")"));
}

TEST_F(CrdStatusWriterTest, LeavesAloneWhatIsRightOrInvalidOrForgotten) {
    api.answer(200, "{}");
    look_at("a", "3", role_a, "arn:aws:iam::012345678901:role/a");
    look_at("b", "3", "no ARN");
    look_at("c", "3", role_a);
    writer->forget("c");
    look_at("d", "3", role_a);
    look_at("d", "4", role_a, "arn:aws:iam::012345678901:role/a");
    look_at("e", "3", role_a);
    look_at("e", "5", role_a);
    run_until_asked(1);
    EXPECT_TRUE(api.line(0).contains("/e/status ")) << api.line(0);
    EXPECT_TRUE(api.requests()[0].contains(R"("resourceVersion":"5")"));
}

TEST_F(CrdStatusWriterTest, LeavesAConflictToWhoeverWroteMeanwhile) {
    api.answer(409, "{}");
    api.answer(404, "{}");
    api.answer(200, "{}");
    look_at("a", "3", role_a);
    look_at("b", "3", role_a);
    look_at("c", "3", role_a);
    run_until_asked(3);
    EXPECT_TRUE(api.line(0).contains("/a/status "));
    EXPECT_TRUE(api.line(1).contains("/b/status "));
    EXPECT_TRUE(api.line(2).contains("/c/status "));
    EXPECT_TRUE(lines.empty());
}

TEST_F(CrdStatusWriterTest, TriesAgainAfterAFailureAndSaysSoOnce) {
    api.answer(403, "{}");
    api.answer(403, "{}");
    api.answer(200, "{}");
    look_at("a", "3", role_a);
    run_until_asked(3);
    EXPECT_TRUE(api.line(2).contains("/a/status "));
    ASSERT_EQ(lines.size(), 1U);
    EXPECT_TRUE(lines[0].contains("cannot write the status")) << lines[0];
    EXPECT_TRUE(lines[0].contains("iamidentitymappings/status")) << lines[0];
}

}  // namespace
}  // namespace arngate::config
