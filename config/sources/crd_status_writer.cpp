#include "config/sources/crd_status_writer.hpp"

#include "core/base/json_text.hpp"
#include "core/base/log.hpp"
#include "core/base/text.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <ctime>
#include <exception>
#include <functional>
#include <map>
#include <utility>

namespace arngate::config {

namespace asio = boost::asio;

namespace {

constexpr auto awaited = asio::as_tuple(asio::use_awaitable);

/// What of an object its status needs. The names of objects, their uids and versions come from the API server and the
/// ARN from an object: all of them are escaped.
struct Wanted {
    std::string uid;
    std::string resource_version;
    std::string canonical_arn;
};

std::string status_patch(const Wanted& wanted) {
    return fmt::format(
        R"({{"metadata":{{"resourceVersion":{}}},"status":{{"canonicalARN":{}}}}})",
        json_string(wanted.resource_version),
        json_string(wanted.canonical_arn)
    );
}

/// A core/v1 Event as the Go server records it; that of a cluster-scoped object lands in namespace "default".
std::string synced_event(const std::string& name, const Wanted& wanted) {
    const std::string now = fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::time(nullptr)));
    return fmt::format(
        R"({{"apiVersion":"v1","kind":"Event","metadata":{{"generateName":{0},"namespace":"default"}},)"
        R"("involvedObject":{{"kind":"IAMIdentityMapping","apiVersion":"iamauthenticator.k8s.aws/v1alpha1",)"
        R"("name":{1},"uid":{2},"resourceVersion":{3}}},"reason":"Synced",)"
        R"("message":"Identity synced successfully","type":"Normal","source":{{"component":"aws-iam-authenticator"}},)"
        R"("firstTimestamp":"{4}","lastTimestamp":"{4}","count":1}})",
        json_string(name.substr(0, 200) + "."),
        json_string(name),
        json_string(wanted.uid),
        json_string(wanted.resource_version),
        now
    );
}

}  // namespace

struct CrdStatusWriter::State {
    State(asio::any_io_executor loop, std::unique_ptr<kube::ApiSession> api, CrdStatusWriterOptions given)
        : executor(std::move(loop)),
          session(std::move(api)),
          options(std::move(given)),
          backoff(options.backoff),
          timer(executor) {}

    [[nodiscard]] static asio::awaitable<void> run(std::shared_ptr<State> self);
    /// False: it has to be tried again.
    [[nodiscard]] asio::awaitable<bool> write(std::string name, Wanted wanted);
    [[nodiscard]] asio::awaitable<void> pause(std::chrono::milliseconds span);
    [[nodiscard]] bool tell_failure(const kube::ApiError& error);

    asio::any_io_executor executor;
    std::unique_ptr<kube::ApiSession> session;
    CrdStatusWriterOptions options;
    kube::Backoff backoff;
    asio::steady_timer timer;
    std::map<std::string, Wanted, std::less<>> waiting;
    std::string last_failure;
    bool running = false;
    bool stopped = false;
};

asio::awaitable<void> CrdStatusWriter::State::run(std::shared_ptr<State> self) {
    while (!self->stopped && !self->waiting.empty()) {
        co_await self->pause(self->options.pause);
        if (self->stopped || self->waiting.empty()) {
            break;
        }
        auto taken = self->waiting.extract(self->waiting.begin());
        std::string name = taken.key();
        Wanted wanted = taken.mapped();
        const bool is_done = co_await self->write(std::move(name), std::move(wanted));
        if (self->stopped) {
            break;
        }
        if (is_done) {
            self->backoff.reset();
            continue;
        }
        self->waiting.insert(std::move(taken));  // unless a newer version has come meanwhile
        co_await self->pause(self->backoff.next());
    }
    self->running = false;
}

asio::awaitable<bool> CrdStatusWriter::State::write(std::string name, Wanted wanted) {
    auto client = session->client();
    if (!client) {
        co_return tell_failure(client.error());
    }
    const std::shared_ptr<kube::ApiClient> held = std::move(*client);
    std::string path = fmt::format(
        "/apis/iamauthenticator.k8s.aws/v1alpha1/iamidentitymappings/{}/status", text::percent_encode(name)
    );
    std::string patch = status_patch(wanted);
    const auto written =
        co_await held->merge(std::move(path), std::move(patch), Deadline::after(options.request_limit));
    if (stopped) {
        co_return true;
    }
    if (!written) {
        const kube::Fault fault = written.error().fault;
        // Changed or gone meanwhile: the watch tells of it, if it has not done so yet.
        if (fault == kube::Fault::conflict || fault == kube::Fault::not_found) {
            co_return true;
        }
        session->failed(written.error());
        co_return tell_failure(written.error());
    }
    last_failure.clear();
    std::string event = synced_event(name, wanted);
    const auto recorded = co_await held->post(
        "/api/v1/namespaces/default/events", std::move(event), Deadline::after(options.request_limit)
    );
    static_cast<void>(recorded);  // for people who look; nothing depends on it
    co_return true;
}

bool CrdStatusWriter::State::tell_failure(const kube::ApiError& error) {
    if (error.detail != last_failure) {
        last_failure = error.detail;
        log::warning(
            "cannot write the status of IAMIdentityMapping objects; they count all the same",
            {{"error", error.detail},
             {"rights", "verb patch on iamidentitymappings/status of group iamauthenticator.k8s.aws"}}
        );
    }
    return false;
}

asio::awaitable<void> CrdStatusWriter::State::pause(std::chrono::milliseconds span) {
    timer.expires_after(span);
    auto [ignored] = co_await timer.async_wait(awaited);
    static_cast<void>(ignored);
}

CrdStatusWriter::CrdStatusWriter(
    asio::any_io_executor executor, std::unique_ptr<kube::ApiSession> session, CrdStatusWriterOptions options
)
    : state_(std::make_shared<State>(std::move(executor), std::move(session), std::move(options))) {}

CrdStatusWriter::~CrdStatusWriter() {
    state_->stopped = true;
    state_->timer.cancel();
    state_->session->close();
}

void CrdStatusWriter::look_at(const std::string& name, const IdentityMapping& object) {
    if (object.canonical_arn.empty() || object.canonical_arn == object.written_canonical_arn) {
        state_->waiting.erase(name);
        return;
    }
    state_->waiting.insert_or_assign(name, Wanted{object.uid, object.resource_version, object.canonical_arn});
    if (!std::exchange(state_->running, true)) {
        asio::co_spawn(state_->executor, State::run(state_), [](const std::exception_ptr& failure) {
            if (failure) {
                std::rethrow_exception(failure);
            }
        });
    }
}

void CrdStatusWriter::forget(std::string_view name) {
    if (const auto found = state_->waiting.find(name); found != state_->waiting.end()) {
        state_->waiting.erase(found);
    }
}

}  // namespace arngate::config
