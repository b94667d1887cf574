#include "daemon/application.hpp"

#include "core/base/log.hpp"
#include "core/base/memory.hpp"
#include "daemon/application_state.hpp"
#include "daemon/mapping_log.hpp"

#include <boost/asio/post.hpp>

#include <fmt/format.h>

#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <memory>
#include <ostream>
#include <utility>

namespace arngate {

namespace asio = boost::asio;

namespace {

/// How long a loop may take to end after it was drained, before what it still waits for is dropped.
constexpr std::chrono::milliseconds loop_patience{1000};

/// Ends background writing: returns when every line is on standard error, and so is each that comes later at once.
void write_log_out(const config::LogSettings& settings) {
    log::configure({settings.level, settings.format, log::Delivery::at_once});
}

}  // namespace

const char* Application::State::environment(const char* name) {
    return std::getenv(name);
}

void Application::State::expect_name_questions() {
    // The mapping may change during the start, before there is who is asked; the start itself comes here then.
    if (node_names && !names_were_asked_for && table->asks_node_names()) {
        names_were_asked_for = true;
        node_names->expect_questions();
    }
}

void Application::State::wait_for_signal() {
    signals.async_wait([this](const boost::system::error_code& ec, int number) {
        if (!ec) {
            on_signal(number);
            wait_for_signal();
        }
    });
}

void Application::State::on_signal(int number) {
    if (number == SIGHUP) {
        if (!stopping) {
            mapper->refresh();
            if (serving) {
                upkeep->refresh();
            }
        }
        return;
    }
    if (stopping) {
        log::warning("second signal: ending at once", {{"signal", number}});
        write_log_out(settings.log);
        ::_exit(1);
    }
    if (!serving) {
        log::info("stopping: the start is not finished", {{"signal", number}});
        stopping = true;
        notifier.stopping();
        return;
    }
    log::info("stopping: running reviews are finished first", {{"signal", number}});
    begin_drain();
}

/// Handles the signals that came since, but not a second one to stop: the start ends by itself.
bool Application::State::stop_is_asked() {
    while (!stopping && control.poll_one() > 0) {
    }
    return stopping;
}

void Application::State::take_update(MappingKeeper::Update update) {
    if (update.table != nullptr) {
        table = std::move(update.table);
        workers.set_table(table);
        metrics.mapping_loaded(*table, clock.wall());
        log_reload(*table, update.diff, update.sources);
        expect_name_questions();
    }
    // After the mapping went to the loops: who waits for the count finds it in force.
    metrics.reloads_done.add(update.readings);
    metrics.reloads_failed.add(update.failures);
}

void Application::State::begin_drain() {
    stopping = true;
    notifier.stopping();
    workers.drain([this] {
        asio::post(control, [this] {
            signals.cancel();
            control.stop();
        });
    });
}

bool Application::State::finish() {
    if (upkeep) {
        upkeep->stop();
    }
    const bool mapper_ended = !mapper || mapper->try_stop(loop_patience);
    if (node_names) {
        node_names->stop();
    }
    if (serving) {
        // Here, so that what this refuses is in the log before the last line.
        workers.finish(loop_patience);
    }
    return mapper_ended;
}

Application::Application(config::LoadRequest request, config::Loaded loaded, const Clock& clock)
    : state_(std::make_unique<State>(std::move(request), std::move(loaded), clock)) {}

Application::~Application() = default;

int Application::run(std::ostream& out) {
    State& state = *state_;
    std::signal(SIGPIPE, SIG_IGN);
    for (const int number : {SIGTERM, SIGINT, SIGHUP}) {
        state.signals.add(number);
    }
    state.wait_for_signal();

    const auto started = state.start(out);
    if (!started) {
        log::write(log::Level::fatal, started.error());
    } else if (state.serving) {
        release_unused_memory();  // what only the start has needed
        state.control.run();
    }
    const int status = started ? 0 : 1;
    const bool ended = state.finish();
    if (!ended) {
        log::warning("a source of mappings is still being read: ending without it");
    }
    if (started) {
        log::info("stopped");
    }
    write_log_out(state.settings.log);
    if (!ended) {
        ::_exit(status);  // all else has ended, and a destructor would wait for it
    }
    return status;
}

}  // namespace arngate
