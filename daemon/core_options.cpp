#include "daemon/core_options.hpp"

#include <algorithm>
#include <utility>

namespace arngate {

namespace {

/// Calls a second that no network allows.
constexpr double no_rate_limit = 1e6;

}  // namespace

aws::StsHostOptions host_table_options(const config::Settings& settings) {
    aws::StsHostOptions options;
    options.partition = settings.server.partition;
    options.extra_regions = settings.sts.extra_regions;
    options.extra_hosts = settings.sts.extra_hosts;
    options.own_region = settings.sts.own_region;
    options.accept_sibling_partition = settings.sts.accept_sibling_partition;
    return options;
}

token::ParseRules parse_rules(const config::Settings& settings, const aws::StsHostTable& hosts) {
    return {.hosts = &hosts, .max_token_bytes = settings.limits.token_bytes, .max_ahead = settings.sts.max_ahead};
}

net::HttpsPoolOptions pool_options(const config::Settings& settings) {
    net::HttpsPoolOptions options;
    options.tls.ca_files = settings.sts.ca_files;
    options.proxy = net::ProxySettings::from_environment();
    for (const std::string& text : settings.sts.connect_to) {
        if (auto rule = net::ConnectTo::parse(text)) {
            options.connect_to.push_back(std::move(*rule));
        }
    }
    options.max_connections_per_endpoint = settings.sts.max_connections;
    options.connect_timeout = settings.sts.connect_timeout;
    options.http2 = settings.sts.http2;
    return options;
}

sts::ClientOptions sts_client_options(const config::Settings& settings) {
    sts::ClientOptions options;
    options.cluster_id = settings.cluster_id;
    options.rules.partition = settings.server.partition;
    options.rules.require_partition = settings.sts.require_partition;
    options.rules.require_account = settings.sts.require_account;
    options.retry.max_attempts = settings.sts.max_attempts;
    options.attempt_timeout = settings.sts.attempt_timeout;
    return options;
}

sts::CallLimits call_limits(const config::Settings& settings) {
    sts::CallLimits limits;
    limits.in_flight = settings.sts.max_calls;
    limits.waiting = settings.limits.pending_reviews;
    limits.calls_per_second = settings.sts.calls_per_second;
    limits.refusals_per_second = settings.sts.refusals_per_second;
    limits.breaker.failures = settings.sts.circuit_failures;
    return limits;
}

auth::KnowledgeOptions knowledge_options(const config::Settings& settings) {
    auth::KnowledgeOptions options;
    options.cache.enabled = settings.cache.enabled;
    options.cache.max_bytes = settings.cache.max_bytes;
    options.cache.ttl = settings.cache.ttl;
    options.cache.keep_stale = settings.cache.stale_while_unavailable;
    options.refusals.max_bytes = settings.cache.enabled ? settings.cache.refusals_max_bytes : 0;
    options.refusals.ttl = settings.cache.refusals_ttl;
    return options;
}

std::size_t share_of(std::size_t total, unsigned loops) {
    return std::max<std::size_t>(1, (total + loops - 1) / loops);
}

auth::AuthenticatorOptions authenticator_options(const config::Settings& settings, const aws::StsHostTable& hosts) {
    auth::AuthenticatorOptions options;
    options.rules = parse_rules(settings, hosts);
    options.review_timeout = settings.sts.review_timeout;
    options.max_pending = settings.limits.pending_reviews;
    return options;
}

ec2::InstanceNamesOptions instance_names_options(const config::Settings& settings) {
    ec2::InstanceNamesOptions options;
    if (settings.server.ec2_describe_instances_qps == 0) {
        options.lookup.calls_per_second = options.lookup.burst = no_rate_limit;
    } else {
        options.lookup.calls_per_second = settings.server.ec2_describe_instances_qps;
        options.lookup.burst = settings.server.ec2_describe_instances_burst;
    }
    options.lookup.max_waiting = settings.limits.pending_reviews;
    options.same_account = settings.server.ec2_require_same_account;
    return options;
}

mapping::TableOptions table_options(const config::Settings& settings) {
    mapping::TableOptions options;
    options.accounts =
        settings.mapping.accounts_after_all ? mapping::AccountOrder::after_all : mapping::AccountOrder::in_chain;
    options.strip_role_paths = settings.mapping.strip_role_paths;
    return options;
}

}  // namespace arngate
