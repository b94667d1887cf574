#include "daemon/reload.hpp"

#include "daemon/mapping_chain.hpp"

#include <boost/asio/post.hpp>

#include <fmt/format.h>

#include <exception>
#include <utility>

namespace arngate {

namespace asio = boost::asio;

namespace {

Reload::Outcome read_mapping(
    const config::LoadRequest& request, const config::EffectiveValues& running, std::uint64_t generation
) {
    Reload::Outcome outcome;
    try {
        auto loaded = config::load(request);
        if (!loaded) {
            for (const config::Problem& problem : loaded.error()) {
                outcome.problems.push_back(problem.text());
            }
            return outcome;
        }
        auto sources = mapping_sources(loaded->settings);
        if (!sources) {
            outcome.problems.push_back(std::move(sources).error());
            return outcome;
        }
        for (const config::Problem& problem : loaded->warnings) {
            outcome.warnings.push_back(problem.text());
        }
        for (const config::Key* key : config::keys_that_need_a_restart(running, loaded->values)) {
            outcome.warnings.push_back(fmt::format("{} has changed, which acts only after a restart", key->path));
        }
        outcome.table = build_table(std::move(*sources), loaded->settings, generation);
    } catch (const std::exception& e) {
        outcome.problems.emplace_back(e.what());
    }
    return outcome;
}

}  // namespace

Reload::Reload(asio::any_io_executor executor, config::LoadRequest request, config::EffectiveValues running)
    : executor_(std::move(executor)), request_(std::move(request)), running_values_(std::move(running)) {}

Reload::~Reload() {
    join();
}

void Reload::start(std::uint64_t generation, Done done) {
    if (running_) {
        again_ = true;
        return;
    }
    join();
    running_ = true;
    thread_ = std::thread([this, generation, done = std::move(done)]() mutable {
        Outcome outcome = read_mapping(request_, running_values_, generation);
        asio::post(executor_, [this, generation, done = std::move(done), outcome = std::move(outcome)]() mutable {
            finished(generation, done, std::move(outcome));
        });
    });
}

void Reload::finished(std::uint64_t generation, const Done& done, Outcome outcome) {
    running_ = false;
    const bool used = outcome.table != nullptr;
    done(std::move(outcome));
    if (std::exchange(again_, false)) {
        start(used ? generation + 1 : generation, done);
    }
}

void Reload::join() {
    if (thread_.joinable()) {
        thread_.join();
    }
}

}  // namespace arngate
