#include "bench/arngate-bench/run_options.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>
#include <cmath>
#include <string_view>

namespace arngate::bench {
namespace {

std::string seconds(Nanos time) {
    return fmt::format("{:g}s", static_cast<double>(time) / static_cast<double>(nanos_per_second));
}

std::string_view name_of(Load load) {
    constexpr std::array<std::string_view, 4> names{"closed", "constant", "poisson", "herd"};
    return names[static_cast<std::size_t>(load)];
}

std::string_view name_of(Population population) {
    constexpr std::array<std::string_view, 4> names{"uniform", "zipf", "new", "one"};
    return names[static_cast<std::size_t>(population)];
}

bool is_open_loop(Load load) {
    return load == Load::constant || load == Load::poisson;
}

// Tokens for every arrival there may be; nothing when only the server's speed decides.
std::optional<std::size_t> arrivals(const RunOptions& options) {
    if (options.requests > 0) {
        return options.requests;
    }
    if (!is_open_loop(options.load)) {
        return std::nullopt;
    }
    const double time = static_cast<double>(options.warmup + options.duration) / static_cast<double>(nanos_per_second);
    const double expected = options.rate * time;
    return static_cast<std::size_t>(expected + (options.load == Load::poisson ? 6 * std::sqrt(expected) : 0)) + 1;
}

}  // namespace

std::expected<void, std::string> settle(RunOptions& options) {
    if (options.url.empty() == options.kubeconfig.empty()) {
        return std::unexpected("give one target, --url or --kubeconfig");
    }
    if (options.load == Load::herd && options.population == Population::uniform) {
        options.population = Population::all_new;
    }
    if (options.requests > 0) {
        // The requests that are counted are all there are.
        options.warmup = 0;
    }
    if (options.warmup + options.duration + options.drain > max_run) {
        return std::unexpected("warm-up, duration and drain are 10 minutes at most together: tokens live for 15");
    }
    if (options.protocol == Protocol::h1 && options.streams != 1) {
        return std::unexpected("--streams is for --http 2: HTTP/1.1 carries one request at a time");
    }
    if (!options.has_sts && (!options.faults.empty() || !options.sts_latency_text.empty())) {
        return std::unexpected("--fault and --sts-latency are for --sts, the fake STS in this program");
    }
    if (options.connections < options.threads) {
        return std::unexpected("there are fewer connections than threads");
    }
    if (options.population == Population::one) {
        options.tokens = 1;
    } else if (options.population == Population::all_new && !options.are_tokens_counted) {
        const auto wanted = arrivals(options);
        if (!wanted) {
            return std::unexpected("--population new in closed loop needs --tokens or --requests");
        }
        options.tokens = *wanted;
    }
    if (options.tokens > max_tokens) {
        return std::unexpected(fmt::format("{} tokens are wanted, but {} are the most", options.tokens, max_tokens));
    }
    return {};
}

std::vector<std::pair<std::string, std::string>> describe(const RunOptions& options) {
    std::vector<std::pair<std::string, std::string>> setup{
        {"target", options.url.empty() ? "kubeconfig" : options.url},
        {"http", options.protocol == Protocol::h2 ? "2" : "1.1"},
        {"load", std::string(name_of(options.load))},
    };
    const auto add = [&](std::string name, std::string value) {
        setup.emplace_back(std::move(name), std::move(value));
    };
    if (is_open_loop(options.load)) {
        add("rate", fmt::format("{:g}", options.rate));
    }
    add("duration", seconds(options.duration));
    add("warmup", seconds(options.warmup));
    add("timeout", seconds(options.timeout));
    if (options.requests > 0) {
        add("requests", fmt::format("{}", options.requests));
    }
    add("connections", fmt::format("{}", options.connections));
    add("streams", fmt::format("{}", options.streams));
    if (options.requests_per_connection > 0) {
        add("requests-per-connection", fmt::format("{}", options.requests_per_connection));
    }
    add("threads", fmt::format("{}", options.threads));
    add("tokens", fmt::format("{}", options.tokens));
    add("population", std::string(name_of(options.population)));
    if (options.population == Population::zipf) {
        add("zipf", fmt::format("{:g}", options.zipf_exponent));
    }
    add("mix", options.mix_text);
    if (options.has_sts) {
        add("sts-latency", options.sts_latency_text.empty() ? "none" : options.sts_latency_text);
        add("sts-verifies", options.sts_verifies ? "yes" : "no");
    }
    if (!options.fault_texts.empty()) {
        add("faults", fmt::format("{}", fmt::join(options.fault_texts, " ")));
    }
    return setup;
}

}  // namespace arngate::bench
