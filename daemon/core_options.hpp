#pragma once

#include "config/settings.hpp"
#include "core/auth/authenticator.hpp"
#include "core/auth/knowledge.hpp"
#include "core/aws/sts_hosts.hpp"
#include "core/ec2/instance_names.hpp"
#include "core/mapping/table.hpp"
#include "core/net/https_pool.hpp"
#include "core/sts/call_queue.hpp"
#include "core/sts/client.hpp"
#include "core/token/presigned_url.hpp"

#include <cstddef>

/// Settings turned into what the parts of core take. The one place that knows both.
namespace arngate {

[[nodiscard]] aws::StsHostOptions host_table_options(const config::Settings& settings);
/// `hosts` must outlive what is parsed with the rules.
[[nodiscard]] token::ParseRules parse_rules(const config::Settings& settings, const aws::StsHostTable& hosts);
/// The proxy is that of the environment.
[[nodiscard]] net::HttpsPoolOptions pool_options(const config::Settings& settings);
[[nodiscard]] sts::ClientOptions sts_client_options(const config::Settings& settings);
[[nodiscard]] sts::CallLimits call_limits(const config::Settings& settings);
[[nodiscard]] auth::KnowledgeOptions knowledge_options(const config::Settings& settings);
/// A loop's part of a limit of the whole process, rounded up and at least one.
[[nodiscard]] std::size_t share_of(std::size_t total, unsigned loops);
[[nodiscard]] auth::AuthenticatorOptions authenticator_options(
    const config::Settings& settings, const aws::StsHostTable& hosts
);
[[nodiscard]] ec2::InstanceNamesOptions instance_names_options(const config::Settings& settings);
[[nodiscard]] mapping::TableOptions table_options(const config::Settings& settings);

}  // namespace arngate
