#include "core/kube/list_watch.hpp"

#include "core/base/text.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <fmt/format.h>

#include <cstdint>
#include <exception>
#include <expected>
#include <utility>

namespace arngate::kube {

namespace asio = boost::asio;

namespace {

constexpr auto awaited = asio::as_tuple(asio::use_awaitable);

/// How a watch came to its end.
struct WatchEnd {
    bool as_arranged = false;                  ///< by the server, after whole events; else only a new list helps
    std::chrono::milliseconds retry_after{0};  ///< when the server said when to ask again
};

/// Whether a list may well be allowed where the watch is not, so that the list that follows would not tell.
bool is_of_watch_alone(Fault fault) noexcept {
    return fault == Fault::forbidden || fault == Fault::not_found || fault == Fault::rejected;
}

ApiError bad_answer(std::string_view words) {
    ApiError error;
    error.fault = Fault::bad_answer;
    error.detail = words;
    return error;
}

}  // namespace

struct ListWatch::State {
    State(
        asio::any_io_executor loop,
        std::unique_ptr<ApiSession> api,
        Collection wanted,
        ListWatchOptions given,
        const Clock& time,
        ListWatchHandler& told
    )
        : executor(std::move(loop)),
          session(std::move(api)),
          collection(std::move(wanted)),
          options(std::move(given)),
          clock(time),
          handler(told),
          backoff(options.backoff),
          timer(executor) {}

    [[nodiscard]] static asio::awaitable<void> run(std::shared_ptr<State> self);
    [[nodiscard]] asio::awaitable<std::expected<std::string, ApiError>> list();
    [[nodiscard]] asio::awaitable<std::expected<std::string, ApiError>> list_pages(ApiClient* client);
    /// Watches on from a list until another list is needed.
    [[nodiscard]] asio::awaitable<void> follow(std::string version);
    [[nodiscard]] asio::awaitable<WatchEnd> watch(std::string* version);
    [[nodiscard]] asio::awaitable<void> pause(std::chrono::milliseconds at_least);

    [[nodiscard]] std::string path_of(std::string_view parameters) const;
    void take(const WatchEvent& event, std::string& version);
    void tell_failure(ListWatchHandler::Stage stage, ApiError error);
    [[nodiscard]] bool goes_on() const noexcept { return !stopped; }
    [[nodiscard]] bool keeps_watching() const noexcept { return !stopped && !list_wanted; }

    asio::any_io_executor executor;
    std::unique_ptr<ApiSession> session;
    Collection collection;
    ListWatchOptions options;
    const Clock& clock;
    ListWatchHandler& handler;
    Backoff backoff;
    asio::steady_timer timer;
    simdjson::dom::parser parser;
    bool stopped = false;
    bool list_wanted = false;  ///< somebody asked for it
};

asio::awaitable<void> ListWatch::State::run(std::shared_ptr<State> self) {
    co_await asio::post(self->executor, asio::use_awaitable);  // nothing is told from inside start()
    while (self->goes_on()) {
        self->list_wanted = false;
        auto version = co_await self->list();
        if (self->stopped) {
            co_return;
        }
        if (!version) {
            const std::chrono::milliseconds at_least = version.error().retry_after;
            self->tell_failure(ListWatchHandler::Stage::list, std::move(version.error()));
            if (self->keeps_watching()) {
                co_await self->pause(at_least);
            }
            continue;
        }
        co_await self->follow(std::move(*version));
    }
}

asio::awaitable<void> ListWatch::State::follow(std::string version) {
    while (keeps_watching()) {
        const SteadyTime began = clock.steady();
        const std::string version_before = version;
        const WatchEnd ended = co_await watch(&version);
        if (!keeps_watching()) {
            co_return;
        }
        if (version != version_before || clock.steady() - began >= options.good_watch) {
            backoff.reset();
        }
        // Never at once: a server that ends every watch as soon as it was opened is not to be asked without a pause.
        co_await pause(ended.retry_after);
        if (!ended.as_arranged) {
            co_return;
        }
    }
}

std::string ListWatch::State::path_of(std::string_view parameters) const {
    std::string path = collection.path + "?";
    if (!collection.query.empty()) {
        path += collection.query + "&";
    }
    path += parameters;
    return path;
}

asio::awaitable<std::expected<std::string, ApiError>> ListWatch::State::list() {
    auto client = session->client();
    if (!client) {
        co_return std::unexpected(std::move(client.error()));
    }
    const std::shared_ptr<ApiClient> held = *client;
    auto outcome = co_await list_pages(held.get());
    if (!outcome && outcome.error().fault == Fault::gone && goes_on()) {
        // The store forgot the version between two pages: from the start, once.
        outcome = co_await list_pages(held.get());
    }
    co_return outcome;
}

asio::awaitable<std::expected<std::string, ApiError>> ListWatch::State::list_pages(ApiClient* client) {
    // Without a resourceVersion: what the store says now, not what a server's cache remembers.
    std::string path = path_of(fmt::format("limit={}", options.page_objects));
    const std::string first = path;
    std::size_t objects = 0;
    handler.list_began();
    for (;;) {
        const auto body = co_await client->get(std::move(path), Deadline::after(options.list_limit));
        if (!body) {
            co_return std::unexpected(body.error());
        }
        if (!goes_on()) {
            co_return std::unexpected(ApiError{});
        }
        const auto page = read_list(parser, *body);
        if (!page) {
            co_return std::unexpected(bad_answer(page.error()));
        }
        for (const simdjson::dom::element item : page->items) {
            const auto object = read_object(item);
            if (!object) {
                co_return std::unexpected(bad_answer(object.error()));
            }
            if (++objects > options.max_objects) {
                co_return std::unexpected(bad_answer("the API server has more objects than are read"));
            }
            handler.listed(*object);
        }
        if (page->next.empty()) {
            handler.list_ended(page->resource_version);
            co_return page->resource_version;
        }
        path = first + "&continue=" + text::percent_encode(page->next);
    }
}

void ListWatch::State::take(const WatchEvent& event, std::string& version) {
    version = event.object.resource_version;
    if (event.kind == WatchEvent::Kind::changed) {
        handler.changed(event.object);
    } else if (event.kind == WatchEvent::Kind::removed) {
        handler.removed(event.object);
    }
}

asio::awaitable<WatchEnd> ListWatch::State::watch(std::string* version) {
    auto client = session->client();
    if (!client) {
        tell_failure(ListWatchHandler::Stage::watch, std::move(client.error()));
        co_return WatchEnd{};
    }
    std::string path = path_of(fmt::format(
        "watch=true&allowWatchBookmarks=true&timeoutSeconds={}&resourceVersion={}",
        options.watch_span.count(),
        text::percent_encode(*version)
    ));
    bool is_stale = false;
    LineSink sink = [this, version, &is_stale](std::string_view line) {
        if (!keeps_watching()) {
            return false;
        }
        if (line.empty()) {
            handler.watching();
            return true;
        }
        const auto event = read_watch_event(parser, line);
        if (!event || event->kind == WatchEvent::Kind::failed) {
            is_stale = true;
            return false;
        }
        take(*event, *version);
        return true;
    };
    const std::shared_ptr<ApiClient> held = *client;
    auto outcome = co_await held->watch(std::move(path), std::move(sink), options.watch);
    WatchEnd end;
    if (!keeps_watching() || is_stale) {
        co_return end;
    }
    if (outcome) {
        end.as_arranged = true;
        co_return end;
    }
    end.retry_after = outcome.error().retry_after;
    if (is_of_watch_alone(outcome.error().fault)) {
        tell_failure(ListWatchHandler::Stage::watch, std::move(outcome.error()));
    } else {
        session->failed(outcome.error());
    }
    co_return end;
}

asio::awaitable<void> ListWatch::State::pause(std::chrono::milliseconds at_least) {
    timer.expires_after(backoff.next(at_least));
    auto [ignored] = co_await timer.async_wait(awaited);
    static_cast<void>(ignored);
}

void ListWatch::State::tell_failure(ListWatchHandler::Stage stage, ApiError error) {
    const std::string_view verb = stage == ListWatchHandler::Stage::list ? "list" : "watch";
    if (error.fault == Fault::forbidden) {
        error.detail += fmt::format("; it has to grant the verb {} on {}", verb, collection.rights);
    }
    session->failed(error);
    handler.failed(stage, error);
}

ListWatch::ListWatch(
    asio::any_io_executor executor,
    std::unique_ptr<ApiSession> session,
    Collection collection,
    ListWatchOptions options,
    const Clock& clock,
    ListWatchHandler& handler
)
    : state_(std::make_shared<State>(
          std::move(executor), std::move(session), std::move(collection), std::move(options), clock, handler
      )) {}

ListWatch::~ListWatch() {
    state_->stopped = true;
    state_->timer.cancel();
    state_->session->close();
}

void ListWatch::start() {
    asio::co_spawn(state_->executor, State::run(state_), [](const std::exception_ptr& failure) {
        if (failure) {
            std::rethrow_exception(failure);
        }
    });
}

void ListWatch::refresh() {
    state_->list_wanted = true;
    state_->timer.cancel();
    state_->session->end_watch();
}

}  // namespace arngate::kube
