#include "daemon/cli/aws_auth_client.hpp"

#include "config/json_document.hpp"
#include "core/base/metrics.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>
#include <exception>
#include <memory>
#include <random>
#include <string>
#include <utility>

namespace arngate::cli {

namespace asio = boost::asio;

namespace {

using Added = std::expected<config::Node, AddFailure>;

constexpr const char* path = "/api/v1/namespaces/kube-system/configmaps/aws-auth";
// Each failed try means that another writer succeeded, so this many can write at once.
constexpr int max_tries = 20;
constexpr std::chrono::seconds request_limit{30};

std::expected<config::Node, AddFailure> object_of(const std::string& json) {
    auto object = config::read_json(json);
    if (!object || object->kind != config::Node::Kind::map) {
        kube::ApiError error;
        error.fault = kube::Fault::bad_answer;
        error.detail = "the API server's answer is not a JSON object";
        return std::unexpected(std::move(error));
    }
    return std::move(*object);
}

asio::awaitable<void> pause(int tries) {
    const auto executor = co_await asio::this_coro::executor;
    static std::minstd_rand random{std::random_device{}()};
    std::uniform_int_distribution<int> milliseconds(1, 10 * (tries + 1));
    asio::steady_timer timer(executor, std::chrono::milliseconds(milliseconds(random)));
    auto [ignored] = co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
    static_cast<void>(ignored);
}

asio::awaitable<Added> try_once(kube::ApiClient& client, const config::AwsAuthEntry& entry) {
    const auto json = co_await client.get(path, Deadline::after(request_limit));
    if (!json) {
        co_return std::unexpected(json.error());
    }
    auto object = object_of(*json);
    if (!object) {
        co_return object;
    }
    const auto changed = config::add_entry(*object, entry);
    if (!changed) {
        co_return std::unexpected(changed.error());
    }
    std::string written = config::write_json(*object);
    const auto answer = co_await client.put(path, std::move(written), Deadline::after(request_limit));
    if (!answer) {
        co_return std::unexpected(answer.error());
    }
    co_return object_of(*answer);
}

/// The caller's objects outlive the loop that runs this.
asio::awaitable<void> add_into(Added& result, kube::ApiClient& client, const config::AwsAuthEntry& entry) {
    for (int tries = 0; tries < max_tries; ++tries) {
        auto added = co_await try_once(client, entry);
        result = std::move(added);
        const auto* error = result ? nullptr : std::get_if<kube::ApiError>(&result.error());
        if (error == nullptr || error->fault != kube::Fault::conflict) {
            co_return;
        }
        co_await pause(tries);
    }
}

}  // namespace

std::expected<config::Node, AddFailure> add_to_aws_auth(kube::Access access, const config::AwsAuthEntry& entry) {
    MetricsRegistry registry;
    asio::io_context loop(1);
    kube::ApiClient client(
        loop.get_executor(), std::move(access), {}, std::make_shared<net::HttpsPoolMetrics>(registry)
    );
    Added result = std::unexpected(AddFailure(kube::ApiError{}));
    std::exception_ptr thrown;
    auto done = [&](const std::exception_ptr& failure) {
        thrown = failure;
        client.close();
    };
    asio::co_spawn(loop, add_into(result, client, entry), std::move(done));
    loop.run();
    if (thrown) {
        std::rethrow_exception(thrown);
    }
    return result;
}

}  // namespace arngate::cli
