#include "config/schema.hpp"

#include "config/bindings.hpp"
#include "config/environment_name.hpp"
#include "config/load.hpp"
#include "config/value.hpp"
#include "core/aws/partition.hpp"
#include "core/base/text.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>

namespace arngate::config {
namespace {

TEST(Schema, KeysAreUniqueIgnoringLetterCase) {
    std::set<std::string> paths;
    for (const Key& key : schema())
        EXPECT_TRUE(paths.insert(text::to_lower(key.path)).second) << key.path;
}

TEST(Schema, FlagsAreUniqueInEachCommand) {
    for (const std::string_view command : {"token", "verify", "init", "server", "add", "version"}) {
        std::map<std::string, std::string_view> seen;
        for (const Key& key : schema()) {
            const auto commands = text::split(key.flag_commands, ' ');
            if (key.flag.empty())
                continue;
            if (key.flag_commands != "*" && std::ranges::find(commands, command) == commands.end())
                continue;
            EXPECT_TRUE(seen.emplace(key.flag, key.path).second) << command << " " << key.flag;
            if (key.short_flag != 0) {
                EXPECT_TRUE(seen.emplace(std::string(1, key.short_flag), key.path).second) << command << key.short_flag;
            }
        }
    }
}

TEST(Schema, EveryKeySetsSomething) {
    const std::set<std::string_view> special{
        "compat",
        "feature-gates",
        "defaultRole",
        "server.metricsAddress",
        "server.metricsPort",
        "server.mapRoles",
        "server.mapUsers",
        "server.mapAccounts",
        "server.reservedPrefixConfig",
        "sts.partitions",
    };
    for (const Key& key : schema()) {
        EXPECT_NE(find_binding(key.path) == nullptr, special.count(key.path) == 0) << key.path;
    }
    for (const Binding& binding : bindings())
        EXPECT_NE(find_key(binding.path), nullptr) << binding.path;
}

TEST(Schema, DefaultsAreInsideTheirLimits) {
    for (const Key& key : schema()) {
        for (const std::string_view text : {key.default_text, key.reference_default}) {
            if (text.empty())
                continue;
            EXPECT_TRUE(parse_value(key, text_node(std::string(text)))) << key.path << " " << text;
        }
        EXPECT_FALSE(key.description.empty()) << key.path;
        EXPECT_TRUE(key.flag.empty() || key.flag.starts_with("--")) << key.path;
        EXPECT_EQ(key.flag.empty(), key.flag_commands.empty()) << key.path;
    }
}

TEST(Schema, LimitsHoldAtTheEdgeAndNotOnePast) {
    for (const Key& key : schema()) {
        const bool number =
            key.type == ValueType::integer || key.type == ValueType::size || key.type == ValueType::duration;
        EXPECT_EQ(number, key.maximum != 0) << key.path;
        if (!number)
            continue;
        const auto accepted = [&](std::int64_t value) {
            const auto parsed =
                parse_value(key, text_node(std::to_string(value) + (key.type == ValueType::duration ? "ms" : "")));
            if (parsed) {
                EXPECT_EQ(std::get<std::int64_t>(*parsed), value);
            }
            return parsed.has_value();
        };
        EXPECT_TRUE(accepted(key.minimum)) << key.path;
        EXPECT_TRUE(accepted(key.maximum)) << key.path;
        EXPECT_FALSE(accepted(key.minimum - 1)) << key.path;
        EXPECT_FALSE(accepted(key.maximum + 1)) << key.path;
        if (key.step > 1) {
            EXPECT_FALSE(accepted(key.minimum + 1)) << key.path;
        }
    }
}

TEST(Schema, PartitionsAreThoseOfTheTable) {
    for (const std::string_view path : {"partition", "server.partition"}) {
        std::set<std::string_view> known;
        for (const aws::Partition& partition : aws::partitions())
            known.insert(partition.id);
        const auto words = text::split(find_key(path)->choices, ' ');
        EXPECT_EQ(std::set<std::string_view>(words.begin(), words.end()), known);
    }
}

TEST(Schema, EveryKeyWithoutEntriesHasAVariableOfItsOwn) {
    std::set<std::string_view> seen;
    for (const Key& key : schema()) {
        const auto names = text::split(key.environment, ' ');
        if (key.obsolete || key.type == ValueType::object_list || key.path == "server.mapAccounts") {
            EXPECT_EQ(key.environment, "") << key.path;
            continue;
        }
        EXPECT_EQ(names.back(), environment_name(key.path)) << key.path;
        for (const std::string_view name : names)
            EXPECT_TRUE(seen.insert(name).second) << key.path << " " << name;
    }
    EXPECT_EQ(find_key("compat")->environment, "ARNGATE_COMPAT");
    EXPECT_EQ(find_key("role")->environment, "DEFAULT_ROLE ARNGATE_ROLE");
}

TEST(Schema, FindsKeysIgnoringLetterCase) {
    ASSERT_NE(find_key("SERVER.port"), nullptr);
    EXPECT_EQ(find_key("SERVER.port")->path, "server.port");
    EXPECT_EQ(find_key("server"), nullptr);
    EXPECT_EQ(find_key("server.ports"), nullptr);
    EXPECT_EQ(find_key(""), nullptr);
}

TEST(Schema, KnowsItsSections) {
    for (const std::string_view section : {"server", "Server.TLS", "sts", "cache", "limits", "answers", "mapping"}) {
        EXPECT_TRUE(is_section(section)) << section;
    }
    for (const std::string_view other : {"", "serv", "clusterID", "server.port", "server.tls.certFile"}) {
        EXPECT_FALSE(is_section(other)) << other;
    }
}

TEST(Schema, NamesTheNearestKey) {
    EXPECT_EQ(nearest_key("clusterid"), "clusterID");
    EXPECT_EQ(nearest_key("cluster-id"), "clusterID");
    EXPECT_EQ(nearest_key("server.prot"), "server.port");
    EXPECT_EQ(nearest_key("mapRoles"), "server.mapRoles");
    EXPECT_EQ(nearest_key("server.mapRole"), "server.mapRoles");
    EXPECT_EQ(nearest_key("server.tls.cert_file"), "server.tls.certFile");
    EXPECT_EQ(nearest_key("somethingElseEntirely"), "");
    EXPECT_EQ(nearest_key(""), "");
    EXPECT_EQ(nearest_key(std::string(10'000, 'a')), "");
}

/// The schema's defaults and those of the plain structs are the same, so tests may start from `Settings{}`.
TEST(Schema, DefaultsAreThoseOfSettings) {
    LoadRequest request;
    request.overrides.push_back({"clusterID", {"c"}, "--cluster-id"});
    const auto loaded = load(request);
    ASSERT_TRUE(loaded);
    const Settings& got = loaded->settings;
    const Settings plain;
    EXPECT_EQ(got.profile, plain.profile);
    EXPECT_EQ(got.log.level, plain.log.level);
    EXPECT_EQ(got.log.format, plain.log.format);
    EXPECT_EQ(got.client.partition, plain.client.partition);
    EXPECT_EQ(got.server.partition, plain.server.partition);
    EXPECT_EQ(got.server.address, plain.server.address);
    EXPECT_EQ(got.server.port, plain.server.port);
    EXPECT_EQ(got.server.hostname, plain.server.hostname);
    EXPECT_EQ(got.server.health_address, plain.server.health_address);
    EXPECT_EQ(got.server.health_port, plain.server.health_port);
    EXPECT_FALSE(got.server.metrics);
    EXPECT_EQ(got.server.state_dir, plain.server.state_dir);
    EXPECT_EQ(got.server.generate_kubeconfig, plain.server.generate_kubeconfig);
    EXPECT_EQ(got.server.kubeconfig_pregenerated, plain.server.kubeconfig_pregenerated);
    EXPECT_EQ(got.server.backend_mode, plain.server.backend_mode);
    EXPECT_EQ(got.server.ec2_describe_instances_qps, plain.server.ec2_describe_instances_qps);
    EXPECT_EQ(got.server.ec2_describe_instances_burst, plain.server.ec2_describe_instances_burst);
    EXPECT_EQ(got.server.threads, plain.server.threads);
    EXPECT_EQ(got.server.drain_timeout, plain.server.drain_timeout);
    EXPECT_EQ(got.server.tls.require_tls13, plain.server.tls.require_tls13);
    EXPECT_EQ(got.mapping.accounts_after_all, plain.mapping.accounts_after_all);
    EXPECT_EQ(got.mapping.strip_role_paths, plain.mapping.strip_role_paths);
    EXPECT_EQ(got.sts.region_from_metadata, plain.sts.region_from_metadata);
    EXPECT_EQ(got.sts.accept_sibling_partition, plain.sts.accept_sibling_partition);
    EXPECT_EQ(got.sts.require_partition, plain.sts.require_partition);
    EXPECT_EQ(got.sts.require_account, plain.sts.require_account);
    EXPECT_EQ(got.sts.max_ahead, plain.sts.max_ahead);
    EXPECT_EQ(got.sts.review_timeout, plain.sts.review_timeout);
    EXPECT_EQ(got.sts.attempt_timeout, plain.sts.attempt_timeout);
    EXPECT_EQ(got.sts.connect_timeout, plain.sts.connect_timeout);
    EXPECT_EQ(got.sts.max_attempts, plain.sts.max_attempts);
    EXPECT_EQ(got.sts.max_connections, plain.sts.max_connections);
    EXPECT_EQ(got.sts.http2, plain.sts.http2);
    EXPECT_EQ(got.cache.enabled, plain.cache.enabled);
    EXPECT_EQ(got.cache.ttl, plain.cache.ttl);
    EXPECT_EQ(got.cache.max_bytes, plain.cache.max_bytes);
    EXPECT_EQ(got.limits.token_bytes, plain.limits.token_bytes);
    EXPECT_EQ(got.limits.body_bytes, plain.limits.body_bytes);
    EXPECT_EQ(got.limits.header_bytes, plain.limits.header_bytes);
    EXPECT_EQ(got.limits.connections, plain.limits.connections);
    EXPECT_EQ(got.limits.pending_reviews, plain.limits.pending_reviews);
    EXPECT_EQ(got.answers.refuse_with_403, plain.answers.refuse_with_403);
    EXPECT_EQ(got.answers.echo_version, plain.answers.echo_version);
    EXPECT_EQ(got.answers.strict_requests, plain.answers.strict_requests);
}

}  // namespace
}  // namespace arngate::config
