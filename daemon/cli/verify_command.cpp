#include "core/aws/sts_hosts.hpp"
#include "core/base/deadline.hpp"
#include "core/base/json_text.hpp"
#include "core/base/metrics.hpp"
#include "core/sts/client.hpp"
#include "core/token/presigned_url.hpp"
#include "daemon/cli/commands.hpp"
#include "daemon/core_options.hpp"
#include "daemon/own_region.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <fmt/format.h>

#include <exception>
#include <memory>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>

namespace arngate::cli {

namespace asio = boost::asio;

namespace {

void print(const sts::CallerIdentity& identity, std::string_view output, std::ostream& out) {
    if (output != "json") {
        // Go's form of a pointer to a struct, which scripts around the Go program parse.
        out << fmt::format(
            "&{{ARN:{} CanonicalARN:{} AccountID:{} UserID:{} SessionName:{} AccessKeyID:{} STSEndpoint:{}}}\n",
            identity.arn,
            identity.canonical_arn,
            identity.account_id,
            identity.user_id,
            identity.session_name,
            identity.access_key_id,
            identity.sts_host
        );
        return;
    }
    out << fmt::format(
        "{{\n    \"ARN\": {},\n    \"CanonicalARN\": {},\n    \"AccountID\": {},\n    \"UserID\": {},\n"
        "    \"SessionName\": {},\n    \"AccessKeyID\": {},\n    \"STSEndpoint\": {}\n}}\n",
        json_string(identity.arn),
        json_string(identity.canonical_arn),
        json_string(identity.account_id),
        json_string(identity.user_id),
        json_string(identity.session_name),
        json_string(identity.access_key_id),
        json_string(identity.sts_host)
    );
}

int refuse(const Surroundings& surroundings, const Error& error) {
    const ReasonInfo& reason = info(error.reason);
    surroundings.err << "could not verify token: " << reason.summary << "\n  reason: " << reason.label << '\n';
    if (!error.detail.empty()) {
        surroundings.err << "  detail: " << error.detail << '\n';
    }
    if (!reason.advice.empty()) {
        surroundings.err << "  advice: " << reason.advice << '\n';
    }
    return failure;
}

/// The caller's objects outlive the loop that runs this.
asio::awaitable<void> ask_into(
    Result<sts::CallerIdentity>& answer, sts::Client& client, const token::PresignedUrl& url, Deadline deadline
) {
    auto result = co_await client.verify(url, deadline);
    answer = std::move(result);
}

/// Asks STS, on a loop of its own.
Result<sts::CallerIdentity> ask(const config::Settings& settings, const token::PresignedUrl& url) {
    asio::io_context loop(1);
    MetricsRegistry registry;
    const net::HttpsPoolOptions options = pool_options(settings);
    net::HttpsPool pool(
        loop.get_executor(),
        net::make_tls_client(options.tls),
        options,
        std::make_shared<net::HttpsPoolMetrics>(registry)
    );
    sts::Client client(pool, sts_client_options(settings), std::make_shared<sts::ClientMetrics>(registry));

    Result<sts::CallerIdentity> answer = fail(Reason::internal_error);
    std::exception_ptr thrown;
    auto done = [&](const std::exception_ptr& failure) {
        thrown = failure;
        pool.close();
    };
    asio::co_spawn(loop, ask_into(answer, client, url, Deadline::after(settings.sts.review_timeout)), std::move(done));
    loop.run();
    if (thrown) {
        std::rethrow_exception(thrown);
    }
    return answer;
}

}  // namespace

int run_verify(const CommandLine& line, const config::Settings& settings, const Surroundings& surroundings) {
    const bool no_token = settings.client.token.empty();
    if (no_token || settings.cluster_id.empty()) {
        surroundings.err << "Error: "
                         << (no_token ? "token not specified: give --token"
                                      : "cluster ID not specified: give --cluster-id or set "
                                        "KUBERNETES_AWS_AUTHENTICATOR_CLUSTER_ID")
                         << "\n\n"
                         << line.usage;
        return failure;
    }
    config::Settings used = settings;
    used.server.partition = settings.client.partition;
    used.sts.own_region = own_region(used, surroundings.environment);
    const auto hosts = aws::StsHostTable::build(host_table_options(used));
    if (!hosts) {
        surroundings.err << "Error: " << hosts.error() << '\n';
        return failure;
    }
    const auto url =
        token::PresignedUrl::parse(used.client.token, parse_rules(used, *hosts), surroundings.clock.wall());
    if (!url) {
        return refuse(surroundings, url.error());
    }
    const auto identity = ask(used, *url);
    if (!identity) {
        return refuse(surroundings, identity.error());
    }
    print(*identity, used.client.output, surroundings.out);
    return success;
}

}  // namespace arngate::cli
