#include "daemon/node_name_service.hpp"

#include "core/aws/identifiers.hpp"
#include "core/aws/partition.hpp"
#include "core/aws/sts_hosts.hpp"
#include "core/base/log.hpp"
#include "core/base/text.hpp"
#include "core/credentials/client_settings.hpp"
#include "core/credentials/shared_config.hpp"
#include "core/ec2/endpoint.hpp"
#include "daemon/core_options.hpp"
#include "daemon/server_credentials.hpp"

#include <boost/asio/post.hpp>

#include <fmt/format.h>

#include <chrono>
#include <cstddef>
#include <exception>
#include <string_view>
#include <utility>

namespace arngate {

namespace asio = boost::asio;

namespace {

/// Of a hundred instances with all the tags, interfaces and volumes that one may have.
constexpr std::size_t max_answer_bytes = std::size_t{8} * 1024 * 1024;
constexpr std::size_t max_connections = 8;
/// How long to wait before a missing region or missing credentials are looked for again.
constexpr std::chrono::seconds look_again{30};
constexpr std::chrono::milliseconds loop_patience{1000};
constexpr std::string_view trouble_line =
    "templates ask for {{EC2PrivateDNSName}}, and EC2 cannot be asked: their reviews will be refused";

/// The account section of an ARN.
std::string_view account_of(std::string_view arn) {
    constexpr std::size_t account_section = 4;
    const auto sections = text::split(arn, ':');
    return sections.size() > account_section ? sections[account_section] : std::string_view();
}

}  // namespace

struct NodeNameService::Machinery {
    Machinery(NodeNameService& service, Target target)
        : pool(service.loop_.executor(), service.tls_, limits(service.settings_), service.pool_metrics_),
          machine(service.clock_, service.environment_, service.stop_.get_token()),
          base(service.clock_, [this] { return machine.read(); }, [this] { machine.refused(); }) {
        if (target.role) {
            role.emplace(service.loop_.executor(), service.clock_, pool, base, std::move(*target.role));
        }
        sts::CredentialsSource& source = role ? static_cast<sts::CredentialsSource&>(*role) : base;
        client.emplace(service.clock_, pool, source, std::move(target.ec2), service.client_metrics_);
        names.emplace(
            service.loop_.executor(),
            service.clock_,
            *client,
            instance_names_options(service.settings_),
            service.names_metrics_
        );
    }

    static net::HttpsPoolOptions limits(const config::Settings& settings) {
        net::HttpsPoolOptions options = pool_options(settings);
        options.max_response_bytes = max_answer_bytes;
        options.max_connections_per_endpoint = max_connections;
        options.http2 = false;  // its calls are few, and its answers large
        return options;
    }

    net::HttpsPool pool;
    ServerCredentials machine;
    sts::LocalCredentials base;
    std::optional<sts::AssumedRole> role;
    std::optional<ec2::Client> client;
    std::optional<ec2::InstanceNames> names;
};

NodeNameService::NodeNameService(
    const config::Settings& settings,
    const Clock& clock,
    MetricsRegistry& registry,
    std::shared_ptr<net::TlsClient> tls,
    std::shared_ptr<net::HttpsPoolMetrics> pool_metrics,
    credentials::Environment environment
)
    : settings_(settings),
      clock_(clock),
      tls_(std::move(tls)),
      pool_metrics_(std::move(pool_metrics)),
      client_metrics_(std::make_shared<ec2::ClientMetrics>(registry)),
      names_metrics_(std::make_shared<ec2::InstanceNamesMetrics>(registry)),
      environment_(std::move(environment)),
      loop_("arngate-ec2") {}

NodeNameService::~NodeNameService() {
    stop();
}

std::expected<void, std::string> NodeNameService::check(const config::Settings& settings) {
    const config::ServerSettings& server = settings.server;
    if (server.ec2_describe_instances_role_arn.empty() || server.source_arn.empty()) {
        return {};
    }
    if (!aws::is_account_id(account_of(server.source_arn))) {
        return std::unexpected(
            "server.sourceARN has no account of 12 digits, which is sent as x-amz-source-account when "
            "server.ec2DescribeInstancesRoleARN is assumed: give the ARN of the cluster"
        );
    }
    return {};
}

std::expected<NodeNameService::Target, std::string> NodeNameService::find_target() const {
    const auto shared = credentials::SharedConfig::load(environment_);
    if (!shared) {
        return std::unexpected(shared.error());
    }
    const std::string written = settings_.sts.own_region.empty() ? credentials::resolve_region(environment_, *shared)
                                                                 : settings_.sts.own_region;
    if (written.empty()) {
        return std::unexpected("the region is not known: set sts.region or AWS_REGION");
    }
    const std::string region = aws::sts_signing_region(written);
    const aws::Partition* partition = aws::find_partition(settings_.server.partition);
    const aws::Partition* home = aws::partition_of_region(region);
    if (partition == nullptr || (home != nullptr && home != partition)) {
        return std::unexpected(
            fmt::format("the region {} is not of the partition {}", region, settings_.server.partition)
        );
    }
    const auto variant = credentials::resolve_endpoint_variant(environment_, *shared);
    if (!variant) {
        return std::unexpected(variant.error());
    }
    Target target;
    target.ec2.host = ec2::host_for_region(*partition, region, *variant);
    target.ec2.region = region;
    if (target.ec2.host.empty()) {
        return std::unexpected("the region is not one that has EC2: set sts.region or AWS_REGION");
    }
    if (!settings_.server.ec2_describe_instances_role_arn.empty()) {
        sts::AssumedRoleOptions role;
        role.role.host = aws::sts_host_for_client(region, *variant);
        role.role.region = region;
        role.role.role_arn = settings_.server.ec2_describe_instances_role_arn;
        role.role.session_name = "arngate";
        role.role.source_arn = settings_.server.source_arn;
        role.role.source_account = account_of(settings_.server.source_arn);
        target.role = std::move(role);
    }
    return target;
}

template <class F>
void NodeNameService::run(F action) {
    if (!std::exchange(started_, true)) {
        loop_.start();
    }
    loop_.post(std::move(action));
}

void NodeNameService::expect_questions() {
    const std::lock_guard lock(mutex_);
    if (stopped_) {
        return;
    }
    run([this] {
        if (prepare()) {
            return;  // which has said why
        }
        if (const auto found = machinery_->machine.read(); !found && !stop_.stop_requested()) {
            log::error(trouble_line, {{"error", found.error()}});
        }
    });
}

std::optional<ec2::NodeNameResolver::Name> NodeNameService::known(const ec2::NodeNameQuery& query) {
    ec2::InstanceNames* const names = names_.load(std::memory_order_acquire);
    return names == nullptr ? std::nullopt : names->known(query);
}

void NodeNameService::resolve(ec2::NodeNameQuery query, asio::any_io_executor reply_to, Done done) {
    const std::lock_guard lock(mutex_);
    if (stopped_) {
        asio::post(reply_to, [done = std::move(done)]() mutable {
            done(fail(Reason::ec2_unavailable, "the server is shutting down"));
        });
        return;
    }
    run([this, query = std::move(query), reply_to = std::move(reply_to), done = std::move(done)]() mutable {
        answer(std::move(query), std::move(reply_to), std::move(done));
    });
}

void NodeNameService::answer(ec2::NodeNameQuery query, asio::any_io_executor reply_to, Done done) {
    if (const auto trouble = prepare()) {
        asio::post(reply_to, [done = std::move(done), trouble = *trouble]() mutable {
            done(fail(Reason::template_failed, "{{EC2PrivateDNSName}}: " + trouble));
        });
        return;
    }
    machinery_->names->resolve(std::move(query), std::move(reply_to), std::move(done));
}

std::optional<std::string> NodeNameService::prepare() {
    if (machinery_ != nullptr) {
        return std::nullopt;
    }
    const SteadyTime now = clock_.steady();
    if (looked_at_ && now < *looked_at_ + look_again) {
        return trouble_;
    }
    looked_at_ = now;
    auto target = find_target();
    if (!target) {
        trouble_ = std::move(target.error());
    } else {
        try {
            machinery_ = std::make_unique<Machinery>(*this, std::move(*target));
            names_.store(&*machinery_->names, std::memory_order_release);
            return std::nullopt;
        } catch (const std::exception& e) {
            trouble_ = e.what();
        }
    }
    log::error(trouble_line, {{"error", trouble_}});
    return trouble_;
}

void NodeNameService::stop() {
    {
        const std::lock_guard lock(mutex_);
        if (std::exchange(stopped_, true) || !started_) {
            return;
        }
    }
    // Whoever reads credentials on the loop lets go of it.
    stop_.request_stop();
    loop_.post([this] {
        if (machinery_ != nullptr) {
            machinery_->names->close();
            machinery_->pool.close();
        }
    });
    loop_.finish(loop_patience);
}

}  // namespace arngate
