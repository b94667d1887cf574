#include "bench/arngate-bench/command_line.hpp"

#include "core/base/version.hpp"

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <map>
#include <sstream>
#include <string_view>
#include <utility>

namespace arngate::bench {
namespace {

constexpr int usage_status = 2;

std::string duration_text(Nanos time) {
    return fmt::format("{:g}s", static_cast<double>(time) / static_cast<double>(nanos_per_second));
}

void add_duration(CLI::App& app, const char* name, Nanos& place, const char* description) {
    app.add_option_function<std::string>(
           name,
           [&place, name](const std::string& text) {
               const auto parsed = parse_duration(text);
               if (!parsed) {
                   throw CLI::ValidationError(name, parsed.error());
               }
               place = *parsed;
           },
           description
    )
        ->type_name("TIME")
        ->default_str(duration_text(place));
}

template <class Value>
void add_choice(
    CLI::App& app,
    const char* name,
    Value& place,
    const std::map<std::string, Value>& choices,
    const char* first,
    const char* description
) {
    std::vector<std::string> names;
    for (const auto& [choice, value] : choices) {
        names.push_back(choice);
    }
    app.add_option_function<std::string>(
           name, [&place, choices](const std::string& text) { place = choices.at(text); }, description
    )
        ->check(CLI::IsMember(names))
        ->default_str(first);
}

void add_target(CLI::App& app, RunOptions& options) {
    app.add_option("--url", options.url, "The webhook: https://HOST[:PORT][/PATH] (path by default /authenticate)")
        ->group("Target");
    app.add_option("--kubeconfig", options.kubeconfig, "Instead: the webhook kubeconfig that kube-apiserver would read")
        ->group("Target");
    app.add_option("--ca", options.ca_file, "PEM file of what the server's certificate is checked with")
        ->group("Target");
    app.add_flag("--insecure", options.is_insecure, "Do not check the server's certificate")->group("Target");
    app.add_flag(
           "--allow-remote", options.allows_remote, "Allow a target that is not on loopback; its owner must agree"
    )
        ->group("Target");
    add_choice<Protocol>(
        app,
        "--http",
        options.protocol,
        {{"1", Protocol::h1}, {"2", Protocol::h2}},
        "1",
        "HTTP version, offered by ALPN"
    );
}

void add_load(CLI::App& app, RunOptions& options) {
    add_choice<Load>(
        app,
        "--load",
        options.load,
        {{"closed", Load::closed}, {"constant", Load::constant}, {"poisson", Load::poisson}, {"herd", Load::herd}},
        "closed",
        "closed: the next request when one is answered; constant, poisson: --rate arrivals a second, whatever the "
        "server does; "
        "herd: --requests at once"
    );
    app.add_option("--rate", options.rate, "Arrivals a second (constant, poisson)")->check(CLI::Range(0.001, max_rate));
    app.add_option("--requests", options.requests, "End after so many; then there is no warm-up");
    add_duration(app, "--duration", options.duration, "How long to measure");
    add_duration(app, "--warmup", options.warmup, "Load before that which is not counted");
    add_duration(app, "--drain", options.drain, "How long after that to wait for answers");
    add_duration(app, "--timeout", options.timeout, "How long to wait for one answer, and for connecting");
    app.add_option("--connections", options.connections, "TLS connections")
        ->check(CLI::Range(std::size_t{1}, max_connections))
        ->capture_default_str();
    app.add_option("--streams", options.streams, "Requests at once on each connection (--http 2)")
        ->check(CLI::Range(std::size_t{1}, max_streams))
        ->capture_default_str();
    app.add_option(
           "--requests-per-connection", options.requests_per_connection, "Make a new connection after so many; 0: never"
    )
        ->capture_default_str();
    app.add_option("--threads", options.threads, "Threads that generate load")
        ->check(CLI::Range(1, 64))
        ->capture_default_str();
}

void add_tokens(CLI::App& app, RunOptions& options) {
    app.add_option(
           "--keys",
           options.keys_files,
           "JSON file of AWS keys and their identities, as the fake STS reads it; repeatable"
    )
        ->allow_extra_args(false);
    app.add_option("--cluster-id", options.cluster_id, "Cluster that the tokens are signed for");
    app.add_option("--region", options.region, "Region whose STS they name")->capture_default_str();
    app.add_option("--tokens", options.tokens, "Distinct tokens, made before the run")
        ->check(CLI::Range(std::size_t{1}, max_tokens))
        ->capture_default_str();
    add_choice<Population>(
        app,
        "--population",
        options.population,
        {{"uniform", Population::uniform},
         {"zipf", Population::zipf},
         {"new", Population::all_new},
         {"one", Population::one}},
        "uniform",
        "Which token a request carries; new: none twice"
    );
    app.add_option("--zipf", options.zipf_exponent, "Exponent of the zipf population")
        ->check(CLI::Range(0.0, 10.0))
        ->capture_default_str();
    app.add_option("--mix", options.mix_text, "Shares of kinds of tokens: valid=N,bad-signature=N,junk=N,prefix=N")
        ->capture_default_str();
    app.add_option("--seed", options.seed, "Of everything drawn by chance")->capture_default_str();
}

void add_sts(CLI::App& app, RunOptions& options) {
    app.add_flag("--sts", options.has_sts, "Run a fake STS that knows the keys, in this program, on 127.0.0.1");
    app.add_option("--sts-port", options.sts_port, "Its port; 0: a free one")->capture_default_str();
    app.add_option(
        "--sts-dir", options.sts_directory, "Where it puts its authority, ca.pem (default: a temporary directory)"
    );
    app.add_option("--sts-threads", options.sts_threads, "Its threads")
        ->check(CLI::Range(1, 64))
        ->capture_default_str();
    app.add_flag("!--sts-no-verify", options.sts_verifies, "It checks no signatures, and costs less");
    app.add_option("--sts-latency", options.sts_latency_text, "fixed:MS, uniform:MIN,MAX or lognormal:MEDIAN,SIGMA");
    app.add_option(
           "--fault",
           options.fault_texts,
           "START:KIND=PERCENT%:LENGTH, START:KIND>RATE/s:LENGTH or START:latency=TIME:LENGTH, as 10s:throttle=50%:5s; "
           "repeatable. "
           "Kinds: throttle, internal_failure, service_unavailable, reset_before, reset_mid, half_body, slow_body, "
           "wrong_content_type, garbage_json, redirect, huge_body"
    )
        ->allow_extra_args(false);
}

void add_results(CLI::App& app, RunOptions& options) {
    app.add_option("--pid", options.pids, "Server process whose CPU and memory to count; repeatable")
        ->check(CLI::PositiveNumber)
        ->allow_extra_args(false);
    app.add_option("--text", options.text_file, "File for the result as text; - is standard output")
        ->capture_default_str();
    app.add_option("--json", options.json_file, "File for the result as JSON");
    app.add_option("--html", options.html_file, "File for the result as a page with plots");
    app.add_flag_callback(
        "--progress",
        [&options] { options.progress = Shown::yes; },
        "Show how it goes, also when standard error is no terminal"
    );
    app.add_flag_callback("--no-progress", [&options] { options.progress = Shown::no; }, "Do not");
}

// What CLI11 does not read by itself.
std::expected<void, std::string> finish(RunOptions& options, const CLI::App& app) {
    options.are_tokens_counted = app.count("--tokens") > 0;
    const bool is_open = options.load == Load::constant || options.load == Load::poisson;
    if (is_open != (app.count("--rate") > 0)) {
        return std::unexpected("--load constant and poisson, and only they, need --rate");
    }
    if (options.load == Load::herd && options.requests == 0) {
        return std::unexpected("--load herd needs --requests");
    }
    if (options.duration < nanos_per_second / 10 || options.timeout < nanos_per_second / 100) {
        return std::unexpected("--duration is 100ms at least, --timeout 10ms");
    }
    const auto mix = parse_mix(options.mix_text);
    if (!mix) {
        return std::unexpected(mix.error());
    }
    options.mix = *mix;
    if (options.mix[0] + options.mix[1] > 0 && (options.keys_files.empty() || options.cluster_id.empty())) {
        return std::unexpected("signed tokens need --keys and --cluster-id");
    }
    if (!options.sts_latency_text.empty()) {
        const auto latency = fake_sts::parse_latency(options.sts_latency_text);
        if (!latency) {
            return std::unexpected("--sts-latency: " + latency.error());
        }
        options.sts_latency = *latency;
    }
    for (const std::string& text : options.fault_texts) {
        auto span = parse_fault_span(text);
        if (!span) {
            return std::unexpected("--fault: " + span.error());
        }
        options.faults.push_back(*std::move(span));
    }
    return settle(options);
}

}  // namespace

std::variant<RunOptions, CompareOptions, Finished> parse_command_line(std::vector<std::string> arguments) {
    RunOptions run;
    CompareOptions comparing;
    // What follows "--" is the server's command, whose options are not ours.
    if (const auto split = std::ranges::find(arguments, "--"); split != arguments.end()) {
        run.command.assign(split + 1, arguments.end());
        arguments.erase(split, arguments.end());
        if (run.command.empty()) {
            return Finished{.exit_status = usage_status, .out = {}, .error = "there is no command after --"};
        }
    }
    CLI::App app("Puts load on a TokenReview webhook and measures it.", "arngate-bench");
    app.set_version_flag("--version", fmt::format("arngate-bench {}", version()));
    app.require_subcommand(1);
    CLI::App* const run_app = app.add_subcommand(
        "run",
        "Measure a webhook. A command after -- is started as the server, its CPU and memory counted; {sts-port} and "
        "{sts-ca} in it stand for the fake STS's port and authority"
    );
    add_target(*run_app, run);
    add_load(*run_app, run);
    add_tokens(*run_app, run);
    add_sts(*run_app, run);
    add_results(*run_app, run);
    CLI::App* const compare_app = app.add_subcommand(
        "compare", "Compare two results in JSON: B / A for each metric with a verdict. Exit status 1 when B is worse"
    );
    compare_app->add_option("A", comparing.before, "The result to compare with")->required();
    compare_app->add_option("B", comparing.after, "The result in question")->required();
    compare_app->add_option("--tolerance", comparing.tolerance, "Change that counts as none; 0.1: a tenth")
        ->check(CLI::Range(0.0, 10.0))
        ->capture_default_str();

    std::vector<const char*> pointers;
    for (const std::string& argument : arguments) {
        pointers.push_back(argument.c_str());
    }
    try {
        app.parse(static_cast<int>(pointers.size()), pointers.data());
    } catch (const CLI::ParseError& failure) {
        std::ostringstream out;
        std::ostringstream error;
        const int status = app.exit(failure, out, error);
        return Finished{.exit_status = status == 0 ? 0 : usage_status, .out = out.str(), .error = error.str()};
    }
    if (compare_app->parsed()) {
        return comparing;
    }
    if (const auto finished = finish(run, *run_app); !finished) {
        return Finished{.exit_status = usage_status, .out = {}, .error = finished.error()};
    }
    return run;
}

}  // namespace arngate::bench
