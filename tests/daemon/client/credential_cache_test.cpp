#include "daemon/client/credential_cache.hpp"

#include "core/aws/timestamp.hpp"
#include "daemon/client/locked_file.hpp"
#include "tests/support/temp_directory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <string>
#include <vector>

namespace arngate::client {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

const WallTime now = *aws::parse_timestamp("2026-01-02T03:04:05Z");

aws::Credentials keys(std::string id, std::optional<WallTime> end = now + 1h) {
    aws::Credentials out;
    out.access_key_id = std::move(id);
    out.secret_access_key = Secret("secret/EXAMPLE");
    out.session_token = Secret("1234567890");  // looks like a number
    out.expires_at = end;
    out.source = "ProcessProvider";
    return out;
}

CredentialCacheKey key(std::string cluster = "c", std::string role = "") {
    return {.cluster_id = std::move(cluster), .profile = "default", .role_arn = std::move(role)};
}

// As the Go program writes it (yaml.v2).
constexpr std::string_view of_go = R"(clusters:
  c:
    default:
      "":
        accesskeyid: ASIAGOEXAMPLE0000000
        secretaccesskey: secret/EXAMPLE
        sessiontoken: "0123"
        source: ProcessProvider
        canexpire: true
        expires: 2026-01-02T04:04:05.123456789Z
        accountid: ""
      arn:aws:iam::123456789012:role/R:
        accesskeyid: ASIAROLEEXAMPLE00000
        secretaccesskey: s
        canexpire: true
        expires: 2026-01-02T04:04:05Z
    "yes":
      "":
        accesskeyid: ASIANOENDEXAMPLE0000
        secretaccesskey: s
        canexpire: false
        expires: 0001-01-01T00:00:00Z
other: kept
)";

TEST(CredentialCacheDocument, ReadsWhatTheGoProgramWrote) {
    const auto document = CredentialCacheDocument::parse(of_go);
    ASSERT_TRUE(document) << document.error();
    const auto found = document->find(key());
    ASSERT_TRUE(found);
    EXPECT_EQ(found->access_key_id, "ASIAGOEXAMPLE0000000");
    EXPECT_EQ(found->secret_access_key.expose(), "secret/EXAMPLE");
    EXPECT_EQ(found->session_token.expose(), "0123");
    EXPECT_EQ(found->expires_at, now + 1h);
    EXPECT_EQ(document->find(key("c", "arn:aws:iam::123456789012:role/R"))->access_key_id, "ASIAROLEEXAMPLE00000");
}

TEST(CredentialCacheDocument, GivesNothingElse) {
    const auto document = CredentialCacheDocument::parse(of_go);
    ASSERT_TRUE(document);
    EXPECT_FALSE(document->find(key("C")));
    EXPECT_FALSE(document->find(key("c", "arn:aws:iam::123456789012:role/r")));
    EXPECT_FALSE(document->find({.cluster_id = "c", .profile = "yes", .role_arn = ""}));  // has no end
    for (const std::string_view entry :
         {"{}",
          "7",
          "{accesskeyid: A, canexpire: true, expires: 2026-01-02T04:04:05Z}",
          "{secretaccesskey: s, canexpire: true, expires: 2026-01-02T04:04:05Z}",
          "{accesskeyid: A, secretaccesskey: s, canexpire: true, expires: soon}",
          "{accesskeyid: [A], secretaccesskey: s, canexpire: true, expires: 2026-01-02T04:04:05Z}",
          "{accesskeyid: A, secretaccesskey: s, expires: 2026-01-02T04:04:05Z}"}) {
        const auto odd = CredentialCacheDocument::parse("clusters: {c: {default: {'': " + std::string(entry) + "}}}");
        ASSERT_TRUE(odd) << entry;
        EXPECT_FALSE(odd->find(key())) << entry;
    }
}

TEST(CredentialCacheDocument, RefusesWhatIsNoMap) {
    EXPECT_TRUE(CredentialCacheDocument::parse(""));
    EXPECT_FALSE(CredentialCacheDocument::parse("- secret"));
    const auto broken = CredentialCacheDocument::parse("clusters: {secret");
    ASSERT_FALSE(broken);
    EXPECT_THAT(broken.error(), Not(HasSubstr("secret")));
}

TEST(CredentialCacheDocument, KeepsWhatIsThereAndReadsItselfBack) {
    auto document = *CredentialCacheDocument::parse(of_go);
    document.put(key("new: cluster", "yes"), keys("ASIANEWEXAMPLE000000"), now);
    const auto again = CredentialCacheDocument::parse(document.to_yaml().expose());
    ASSERT_TRUE(again) << again.error();
    EXPECT_EQ(again->find(key())->access_key_id, "ASIAGOEXAMPLE0000000");
    const auto found = again->find(key("new: cluster", "yes"));
    ASSERT_TRUE(found);
    EXPECT_EQ(found->session_token.expose(), "1234567890");
    EXPECT_EQ(found->expires_at, now + 1h);
    EXPECT_THAT(std::string(again->to_yaml().expose()), HasSubstr("other: kept"));
}

TEST(CredentialCacheDocument, KeepsNoCredentialsWithoutAnEndAndForgetsOldOnes) {
    CredentialCacheDocument document;
    document.put(key(), keys("AKIAEXAMPLE000000000", std::nullopt), now);
    EXPECT_FALSE(document.find(key()));
    document.put(key("old"), keys("ASIAOLDEXAMPLE000000", now), now);
    document.put(key("c"), keys("ASIAEXAMPLE000000000"), now + 24h);
    EXPECT_TRUE(document.find(key("old")));
    document.put(key("c"), keys("ASIAEXAMPLE000000000"), now + 24h + 1s);
    EXPECT_FALSE(document.find(key("old")));
}

TEST(CredentialCache, IsThereAfterTheFirstPut) {
    const TempDirectory home;
    const std::string file = home.file("a/b/credentials.yaml");
    const CredentialCache cache(file);
    EXPECT_FALSE(cache.find(key()).value());
    ASSERT_TRUE(cache.put(key(), keys("ASIAEXAMPLE000000000"), now));
    EXPECT_EQ(cache.find(key()).value()->access_key_id, "ASIAEXAMPLE000000000");
    struct stat status{};
    ASSERT_EQ(::stat(file.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0600U);
    ASSERT_EQ(::stat(home.file("a").c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0700U);
}

TEST(CredentialCache, RefusesFilesThatOthersCanRead) {
    const TempDirectory home;
    const std::string file = home.file("credentials.yaml");
    const CredentialCache cache(file);
    ASSERT_TRUE(cache.put(key(), keys("ASIAEXAMPLE000000000"), now));
    for (const mode_t mode : {0640U, 0604U, 0610U}) {
        ::chmod(file.c_str(), mode);
        EXPECT_THAT(cache.find(key()).error(), HasSubstr("not private"));
        EXPECT_THAT(cache.put(key(), keys("ASIAOTHEREXAMPLE0000"), now).error(), HasSubstr("not private"));
    }
    EXPECT_THAT(slurp(file), Not(HasSubstr("ASIAOTHER")));
}

TEST(CredentialCache, ReplacesWhatCannotBeReadButDoesNotUseIt) {
    const TempDirectory home;
    const std::string file = home.file("credentials.yaml");
    std::ofstream(file) << "clusters: {";
    ::chmod(file.c_str(), 0600);
    const CredentialCache cache(file);
    EXPECT_FALSE(cache.find(key()));
    ASSERT_TRUE(cache.put(key(), keys("ASIAEXAMPLE000000000"), now));
    EXPECT_TRUE(cache.find(key()).value());
}

TEST(CredentialCache, DoesNotWaitForEverForTheLock) {
    const TempDirectory home;
    const std::string file = home.file("credentials.yaml");
    const CredentialCache cache(file, 0ms);
    ASSERT_TRUE(cache.put(key(), keys("ASIAEXAMPLE000000000"), now));
    const auto lock = LockedFile::open(file, Lock::exclusive, 0ms);
    ASSERT_TRUE(lock);
    EXPECT_THAT(cache.find(key()).error(), HasSubstr("locked"));
    EXPECT_THAT(cache.put(key(), keys("ASIAEXAMPLE000000000"), now).error(), HasSubstr("locked"));
}

TEST(CredentialCache, LosesNothingWhenProcessesRace) {
    const TempDirectory home;
    const CredentialCache cache(home.file("credentials.yaml"), 1min);
    constexpr int processes = 12;
    constexpr int rounds = 10;
    std::vector<pid_t> children;
    for (int process = 0; process < processes; ++process) {
        const pid_t child = ::fork();
        if (child == 0) {
            bool good = true;
            for (int round = 0; round < rounds; ++round) {
                const std::string name = std::to_string(process) + "-" + std::to_string(round);
                good = good && cache.put(key(name), keys("ASIA" + name), now).has_value();
                const auto found = cache.find(key(name));
                good = good && found && *found && (*found)->access_key_id == "ASIA" + name;
            }
            ::_exit(good ? 0 : 1);
        }
        children.push_back(child);
    }
    for (const pid_t child : children) {
        int status = -1;
        ::waitpid(child, &status, 0);
        EXPECT_EQ(status, 0);
    }
    for (int process = 0; process < processes; ++process) {
        for (int round = 0; round < rounds; ++round) {
            EXPECT_TRUE(cache.find(key(std::to_string(process) + "-" + std::to_string(round))).value());
        }
    }
}

}  // namespace
}  // namespace arngate::client
