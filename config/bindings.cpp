#include "config/bindings.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace arngate::config {
namespace {

void assign(std::string& target, const Value& value) {
    target = std::get<std::string>(value);
}
void assign(bool& target, const Value& value) {
    target = std::get<bool>(value);
}
void assign(std::vector<std::string>& target, const Value& value) {
    target = std::get<std::vector<std::string>>(value);
}
void assign(std::chrono::milliseconds& target, const Value& value) {
    target = std::chrono::milliseconds(std::get<std::int64_t>(value));
}
void assign(std::chrono::seconds& target, const Value& value) {
    target = std::chrono::floor<std::chrono::seconds>(std::chrono::milliseconds(std::get<std::int64_t>(value)));
}
void assign(std::optional<std::chrono::seconds>& target, const Value& value) {
    if (std::holds_alternative<std::monostate>(value)) {
        target.reset();
    } else {
        assign(target.emplace(), value);
    }
}
/// The limits of the schema keep each number inside its type.
template <std::integral Number>
    requires(!std::same_as<Number, bool>)
void assign(Number& target, const Value& value) {
    target = static_cast<Number>(std::get<std::int64_t>(value));
}

/// `Member` is a lambda that finds the member in the settings.
template <class Member>
constexpr Binding bind(std::string_view path, Member /*member*/) {
    return {path, [](Settings& settings, const Value& value) { assign(Member{}(settings), value); }};
}

bool is_word(const Value& value, std::string_view word) {
    return std::get<std::string>(value) == word;
}

constexpr auto table = std::to_array<Binding>({
    bind("clusterID", [](Settings& s) -> auto& { return s.cluster_id; }),
    {"log-verbosity",
     [](Settings& s, const Value& v) {
         s.log.level = log::parse_level(std::get<std::string>(v)).value_or(log::Level::info);
     }},
    {"log-format",
     [](Settings& s, const Value& v) { s.log.format = is_word(v, "json") ? log::Format::json : log::Format::logfmt; }},

    bind("region", [](Settings& s) -> auto& { return s.client.region; }),
    bind("role", [](Settings& s) -> auto& { return s.client.role; }),
    bind("externalID", [](Settings& s) -> auto& { return s.client.external_id; }),
    bind("sessionName", [](Settings& s) -> auto& { return s.client.session_name; }),
    bind("tokenOnly", [](Settings& s) -> auto& { return s.client.token_only; }),
    bind("forwardSessionName", [](Settings& s) -> auto& { return s.client.forward_session_name; }),
    bind("cache", [](Settings& s) -> auto& { return s.client.cache; }),
    bind("cacheToken", [](Settings& s) -> auto& { return s.client.cache_token; }),
    bind("expiryMargin", [](Settings& s) -> auto& { return s.client.expiry_margin; }),
    bind("token", [](Settings& s) -> auto& { return s.client.token; }),
    bind("output", [](Settings& s) -> auto& { return s.client.output; }),
    bind("partition", [](Settings& s) -> auto& { return s.client.partition; }),

    bind("server.partition", [](Settings& s) -> auto& { return s.server.partition; }),
    bind("server.port", [](Settings& s) -> auto& { return s.server.port; }),
    bind("server.address", [](Settings& s) -> auto& { return s.server.address; }),
    bind("server.hostname", [](Settings& s) -> auto& { return s.server.hostname; }),
    bind("server.healthAddress", [](Settings& s) -> auto& { return s.server.health_address; }),
    bind("server.healthPort", [](Settings& s) -> auto& { return s.server.health_port; }),
    bind("server.stateDir", [](Settings& s) -> auto& { return s.server.state_dir; }),
    bind("server.generateKubeconfig", [](Settings& s) -> auto& { return s.server.generate_kubeconfig; }),
    bind("server.kubeconfigPregenerated", [](Settings& s) -> auto& { return s.server.kubeconfig_pregenerated; }),
    bind("server.kubeconfig", [](Settings& s) -> auto& { return s.server.kubeconfig; }),
    bind("server.master", [](Settings& s) -> auto& { return s.server.master; }),
    bind("server.backendMode", [](Settings& s) -> auto& { return s.server.backend_mode; }),
    bind("server.ec2DescribeInstancesQps", [](Settings& s) -> auto& { return s.server.ec2_describe_instances_qps; }),
    bind(
        "server.ec2DescribeInstancesBurst", [](Settings& s) -> auto& { return s.server.ec2_describe_instances_burst; }
    ),
    bind(
        "server.ec2DescribeInstancesRoleARN",
        [](Settings& s) -> auto& { return s.server.ec2_describe_instances_role_arn; }
    ),
    bind("server.sourceARN", [](Settings& s) -> auto& { return s.server.source_arn; }),
    bind("server.ec2RequireSameAccount", [](Settings& s) -> auto& { return s.server.ec2_require_same_account; }),
    bind("server.scrubbedAccounts", [](Settings& s) -> auto& { return s.server.scrubbed_accounts; }),
    bind("server.dynamicfilepath", [](Settings& s) -> auto& { return s.server.dynamic_file_path; }),
    bind("server.dynamicfileUserIDStrict", [](Settings& s) -> auto& { return s.server.dynamic_file_user_id_strict; }),
    bind("server.dynamicBackendModePath", [](Settings& s) -> auto& { return s.server.dynamic_backend_mode_path; }),
    bind("server.threads", [](Settings& s) -> auto& { return s.server.threads; }),
    bind("server.reusePort", [](Settings& s) -> auto& { return s.server.reuse_port; }),
    bind("server.drainTimeout", [](Settings& s) -> auto& { return s.server.drain_timeout; }),
    bind("server.http2", [](Settings& s) -> auto& { return s.server.http2; }),
    bind("server.tls.certFile", [](Settings& s) -> auto& { return s.server.tls.cert_file; }),
    bind("server.tls.keyFile", [](Settings& s) -> auto& { return s.server.tls.key_file; }),
    bind("server.tls.clientCAFile", [](Settings& s) -> auto& { return s.server.tls.client_ca_file; }),
    bind("server.tls.clientCertFile", [](Settings& s) -> auto& { return s.server.tls.client_cert_file; }),
    bind("server.tls.clientKeyFile", [](Settings& s) -> auto& { return s.server.tls.client_key_file; }),
    {"server.tls.minVersion", [](Settings& s, const Value& v) { s.server.tls.require_tls13 = is_word(v, "1.3"); }},

    {"mapping.accountOrder", [](Settings& s, const Value& v) { s.mapping.accounts_after_all = is_word(v, "afterAll"); }
    },
    bind("mapping.stripRolePaths", [](Settings& s) -> auto& { return s.mapping.strip_role_paths; }),
    bind("mapping.gracePeriod", [](Settings& s) -> auto& { return s.mapping.grace_period; }),
    bind("mapping.keepCopies", [](Settings& s) -> auto& { return s.mapping.keep_copies; }),
    bind("mapping.startTimeout", [](Settings& s) -> auto& { return s.mapping.start_timeout; }),
    bind("mapping.pollInterval", [](Settings& s) -> auto& { return s.mapping.poll_interval; }),
    bind("mapping.breakGlassFile", [](Settings& s) -> auto& { return s.mapping.break_glass_file; }),

    bind("sts.caFile", [](Settings& s) -> auto& { return s.sts.ca_files; }),
    bind("sts.connectTo", [](Settings& s) -> auto& { return s.sts.connect_to; }),
    bind("sts.extraRegions", [](Settings& s) -> auto& { return s.sts.extra_regions; }),
    bind("sts.extraHosts", [](Settings& s) -> auto& { return s.sts.extra_hosts; }),
    bind("sts.region", [](Settings& s) -> auto& { return s.sts.own_region; }),
    bind("sts.regionFromMetadata", [](Settings& s) -> auto& { return s.sts.region_from_metadata; }),
    bind("sts.acceptSiblingPartition", [](Settings& s) -> auto& { return s.sts.accept_sibling_partition; }),
    bind("sts.requirePartition", [](Settings& s) -> auto& { return s.sts.require_partition; }),
    bind("sts.requireAccount", [](Settings& s) -> auto& { return s.sts.require_account; }),
    bind("sts.maxAhead", [](Settings& s) -> auto& { return s.sts.max_ahead; }),
    bind("sts.reviewTimeout", [](Settings& s) -> auto& { return s.sts.review_timeout; }),
    bind("sts.attemptTimeout", [](Settings& s) -> auto& { return s.sts.attempt_timeout; }),
    bind("sts.connectTimeout", [](Settings& s) -> auto& { return s.sts.connect_timeout; }),
    bind("sts.maxAttempts", [](Settings& s) -> auto& { return s.sts.max_attempts; }),
    bind("sts.maxConnections", [](Settings& s) -> auto& { return s.sts.max_connections; }),
    bind("sts.http2", [](Settings& s) -> auto& { return s.sts.http2; }),
    bind("sts.maxCalls", [](Settings& s) -> auto& { return s.sts.max_calls; }),
    bind("sts.callsPerSecond", [](Settings& s) -> auto& { return s.sts.calls_per_second; }),
    bind("sts.refusalsPerSecond", [](Settings& s) -> auto& { return s.sts.refusals_per_second; }),
    bind("sts.circuitFailures", [](Settings& s) -> auto& { return s.sts.circuit_failures; }),

    bind("cache.enabled", [](Settings& s) -> auto& { return s.cache.enabled; }),
    bind("cache.ttl", [](Settings& s) -> auto& { return s.cache.ttl; }),
    bind("cache.maxBytes", [](Settings& s) -> auto& { return s.cache.max_bytes; }),
    bind("cache.staleWhileUnavailable", [](Settings& s) -> auto& { return s.cache.stale_while_unavailable; }),
    bind("cache.refusalsTTL", [](Settings& s) -> auto& { return s.cache.refusals_ttl; }),
    bind("cache.refusalsMaxBytes", [](Settings& s) -> auto& { return s.cache.refusals_max_bytes; }),

    bind("limits.tokenBytes", [](Settings& s) -> auto& { return s.limits.token_bytes; }),
    bind("limits.bodyBytes", [](Settings& s) -> auto& { return s.limits.body_bytes; }),
    bind("limits.headerBytes", [](Settings& s) -> auto& { return s.limits.header_bytes; }),
    bind("limits.connections", [](Settings& s) -> auto& { return s.limits.connections; }),
    bind("limits.pendingReviews", [](Settings& s) -> auto& { return s.limits.pending_reviews; }),

    {"answers.refusalStatus", [](Settings& s, const Value& v) { s.answers.refuse_with_403 = is_word(v, "forbidden"); }},
    bind("answers.echoVersion", [](Settings& s) -> auto& { return s.answers.echo_version; }),
    bind("answers.strictRequests", [](Settings& s) -> auto& { return s.answers.strict_requests; }),
});

}  // namespace

std::span<const Binding> bindings() noexcept {
    return table;
}

const Binding* find_binding(std::string_view path) noexcept {
    const auto found = std::ranges::find(table, path, &Binding::path);
    return found == table.end() ? nullptr : &*found;
}

}  // namespace arngate::config
