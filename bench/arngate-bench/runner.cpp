#include "bench/arngate-bench/runner.hpp"

#include "bench/arngate-bench/embedded_sts.hpp"
#include "bench/arngate-bench/files.hpp"
#include "bench/arngate-bench/monitor.hpp"
#include "bench/arngate-bench/process_usage.hpp"
#include "bench/arngate-bench/server_process.hpp"
#include "bench/arngate-bench/timeline.hpp"
#include "bench/arngate-bench/worker.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <stdexcept>
#include <system_error>
#include <thread>
#include <utility>

namespace arngate::bench {
namespace {

constexpr Nanos millisecond = nanos_per_second / 1000;
constexpr Nanos monitor_distance = 20 * millisecond;

/// A directory that goes with this object.
class TemporaryDirectory {
public:
    TemporaryDirectory() {
        std::string pattern = (std::filesystem::temp_directory_path() / "arngate-bench-XXXXXX").string();
        if (::mkdtemp(pattern.data()) == nullptr) {
            throw std::runtime_error("cannot make a temporary directory");
        }
        path_ = pattern;
    }
    TemporaryDirectory(const TemporaryDirectory&) = delete;
    TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
    ~TemporaryDirectory() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    [[nodiscard]] const std::string& path() const noexcept { return path_; }

private:
    std::string path_;
};

void replace_all(std::string& text, std::string_view what, const std::string& with) {
    for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size())) {
        text.replace(at, what.size(), with);
    }
}

std::expected<std::vector<fake_sts::Key>, std::string> read_keys(const std::vector<std::string>& files) {
    std::vector<fake_sts::Key> keys;
    for (const std::string& file : files) {
        const auto content = read_file(file);
        if (!content) {
            return std::unexpected(content.error());
        }
        auto parsed = fake_sts::parse_keys(*content);
        if (!parsed) {
            return std::unexpected(fmt::format("{}: {}", file, parsed.error()));
        }
        std::ranges::move(*parsed, std::back_inserter(keys));
    }
    return keys;
}

std::expected<Target, std::string> read_target(const RunOptions& options) {
    std::expected<Target, std::string> target;
    if (options.url.empty()) {
        const auto content = read_file(options.kubeconfig);
        if (!content) {
            return std::unexpected(content.error());
        }
        target = parse_kubeconfig(*content, std::filesystem::path(options.kubeconfig).parent_path().string());
    } else {
        target = parse_url(options.url);
    }
    if (target && !options.ca_file.empty()) {
        auto authority = read_file(options.ca_file);
        if (!authority) {
            return std::unexpected(authority.error());
        }
        target->authority = *std::move(authority);
    }
    if (target && options.is_insecure) {
        target->is_insecure = true;
    }
    return target;
}

// A server that was only just started may still have to write its kubeconfig or its certificate.
std::expected<Target, std::string> await_target(
    const RunOptions& options, ServerProcess* server, const std::atomic<bool>& stop
) {
    const Nanos deadline = steady_now() + 30 * nanos_per_second;
    for (;;) {
        auto target = read_target(options);
        const bool may_come = server != nullptr && !server->has_ended() && !stop && steady_now() < deadline;
        if (target || !may_come) {
            return target;
        }
        std::this_thread::sleep_for(std::chrono::nanoseconds(monitor_distance));
    }
}

/// One thread's worker and what it writes down.
struct Lane {
    std::unique_ptr<Worker> worker;
    std::unique_ptr<Recorder> recorder;
    std::expected<void, std::string> connected;
    double cpu_seconds = 0;
    Nanos ended = 0;
};

// Whether the work has to end before its time: a signal asks for it, or the server that was started here is gone.
bool must_halt(ServerProcess* server, const std::atomic<bool>& stop) {
    return stop || (server != nullptr && server->has_ended());
}

std::expected<void, std::string> connect_all(
    std::vector<Lane>& lanes, ServerProcess* server, const std::atomic<bool>& stop
) {
    std::atomic<bool> halt = false;
    std::atomic<std::size_t> at_work = lanes.size();
    {
        std::vector<std::jthread> threads;
        for (Lane& lane : lanes) {
            threads.emplace_back([&lane, &halt, &at_work] {
                lane.connected = lane.worker->connect(halt);
                --at_work;
            });
        }
        while (at_work > 0) {
            halt = must_halt(server, stop);
            std::this_thread::sleep_for(std::chrono::nanoseconds(monitor_distance));
        }
    }
    if (server != nullptr && server->has_ended()) {
        return std::unexpected("the server ended before all connections to it were open");
    }
    for (const Lane& lane : lanes) {
        if (!lane.connected) {
            return lane.connected;
        }
    }
    return {};
}

/// All that is there before the load begins.
struct Stage {
    TemporaryDirectory directory;
    std::vector<fake_sts::Key> keys;
    std::unique_ptr<EmbeddedSts> sts;
    std::unique_ptr<ServerProcess> server;
    std::vector<int> pids;
    ConnectionPlan plan;
    std::unique_ptr<TokenPool> pool;
};

std::expected<void, std::string> start_servers(Stage& stage, const RunOptions& options) {
    if (options.has_sts) {
        stage.sts = std::make_unique<EmbeddedSts>(EmbeddedStsOptions{
            .port = options.sts_port,
            .threads = options.sts_threads,
            .verify = options.sts_verifies,
            .directory = options.sts_directory.empty() ? stage.directory.path() : options.sts_directory,
            .keys = stage.keys,
            .schedule = FaultSchedule(options.sts_latency, options.faults),
        });
        fmt::print(
            stderr, "arngate-bench: fake STS on 127.0.0.1:{}, authority {}\n", stage.sts->port(), stage.sts->ca_file()
        );
    }
    stage.pids = options.pids;
    if (options.command.empty()) {
        return {};
    }
    auto command = options.command;
    for (std::string& part : command) {
        if (stage.sts) {
            replace_all(part, "{sts-port}", fmt::format("{}", stage.sts->port()));
            replace_all(part, "{sts-ca}", stage.sts->ca_file());
        } else if (part.find("{sts-") != std::string::npos) {
            return std::unexpected("the server's command speaks of the fake STS, but there is no --sts");
        }
    }
    stage.server = std::make_unique<ServerProcess>(command);
    stage.pids.push_back(stage.server->pid());
    return {};
}

std::expected<void, std::string> find_target(Stage& stage, const RunOptions& options, const std::atomic<bool>& stop) {
    auto target = await_target(options, stage.server.get(), stop);
    if (!target) {
        return std::unexpected(target.error());
    }
    const auto address = resolve(*target, options.allows_remote ? Remote::allowed : Remote::refused);
    if (!address) {
        return std::unexpected(address.error());
    }
    if (stage.server || stage.sts) {
        if (auto listening = wait_until_listening(stage.server.get(), *address, stop); !listening) {
            return listening;
        }
    }
    // What the server wrote before it listened is now complete.
    target = read_target(options);
    if (!target) {
        return std::unexpected(target.error());
    }
    auto tls = make_tls_context(*target, options.protocol);
    if (!tls) {
        return std::unexpected(tls.error());
    }
    stage.plan = {
        .target = *std::move(target),
        .address = *address,
        .protocol = options.protocol,
        .tls = *std::move(tls),
        .streams = options.streams,
        .requests_per_connection = options.requests_per_connection,
        .timeout = options.timeout
    };
    return {};
}

std::expected<void, std::string> make_tokens(Stage& stage, const RunOptions& options) {
    auto pool = TokenPool::make(
        {.keys = stage.keys,
         .cluster_id = options.cluster_id,
         .region = options.region,
         .count = options.tokens,
         .mix = options.mix,
         .population = options.population,
         .zipf_exponent = options.zipf_exponent,
         .seed = options.seed},
        std::chrono::system_clock::now()
    );
    if (!pool) {
        return std::unexpected(pool.error());
    }
    stage.pool = *std::move(pool);
    return {};
}

std::vector<Lane> make_lanes(Stage& stage, const RunOptions& options) {
    std::vector<Lane> lanes(options.threads);
    for (unsigned number = 0; number < options.threads; ++number) {
        const std::size_t connections =
            options.connections / options.threads + (number < options.connections % options.threads ? 1 : 0);
        lanes[number].worker = std::make_unique<Worker>(stage.plan, connections, *stage.pool, options.seed + number);
    }
    return lanes;
}

std::expected<void, std::string> put_load(
    Stage& stage, std::vector<Lane>& lanes, const RunOptions& options, const std::atomic<bool>& stop, Result& result
) {
    const Nanos begin = steady_now() + 50 * millisecond;
    const Nanos measured_from = begin + options.warmup;
    const Nanos end = measured_from + options.duration;
    // A hundred points make a curve; below a tenth of a second there is little in each.
    const Nanos window = std::clamp<Nanos>(options.duration / 100, 100 * millisecond, 5 * nanos_per_second);
    const PacerOptions pacing{
        .load = options.load,
        .rate = options.rate,
        .begin = begin,
        .end = end,
        .limit = options.requests,
        .seed = options.seed
    };
    result.started_at = fmt::format(
        "{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::chrono::system_clock::to_time_t(std::chrono::system_clock::now()))
    );
    Timeline timeline(window);
    Monitor monitor(options, stage.pids, stage.sts.get(), timeline);
    const auto look = [&monitor](std::vector<Lane>& all, Nanos since_begin) {
        for (Lane& lane : all) {
            monitor.take(*lane.recorder);
        }
        monitor.look(since_begin);
    };
    const std::uint64_t sts_before = stage.sts ? stage.sts->requests() : 0;
    std::atomic<bool> halt = false;
    std::atomic<unsigned> at_work = options.threads;
    {
        std::vector<std::jthread> threads;
        for (unsigned number = 0; number < options.threads; ++number) {
            Lane& lane = lanes[number];
            lane.recorder = std::make_unique<Recorder>(measured_from, window);
            const Pacer pacer(pacing, {.number = number, .of = options.threads});
            threads.emplace_back([&lane, pacer, give_up_at = end + options.drain, &halt, &at_work] {
                const double cpu_before = thread_cpu_seconds();
                lane.worker->run(pacer, *lane.recorder, give_up_at, halt);
                lane.cpu_seconds = thread_cpu_seconds() - cpu_before;
                lane.ended = steady_now();
                --at_work;
            });
        }
        while (at_work > 0) {
            halt = must_halt(stage.server.get(), stop);
            look(lanes, steady_now() - measured_from);
            std::this_thread::sleep_for(std::chrono::nanoseconds(monitor_distance));
        }
    }
    monitor.finish();
    look(lanes, -1);
    if (stage.server && stage.server->has_ended()) {
        return std::unexpected("the server ended during the run");
    }
    Nanos length = 0;
    for (const Lane& lane : lanes) {
        length = std::max(length, lane.ended - measured_from);
        result.generator_cpu_seconds += lane.cpu_seconds;
        result.handshakes += lane.worker->handshakes();
        result.send_delay.merge(lane.recorder->send_delay());
        result.ran_out = result.ran_out || lane.worker->ran_out();
    }
    result.seconds = static_cast<double>(length) / static_cast<double>(nanos_per_second);
    result.counts = timeline.total().counts;
    result.latency = timeline.total().latency;
    result.timeline = timeline.points(length);
    result.server = monitor.server();
    if (stage.sts) {
        result.sts_requests = stage.sts->requests() - sts_before;
    }
    return {};
}

}  // namespace

std::expected<Result, std::string> run(const RunOptions& options, const std::atomic<bool>& stop) {
    Stage stage;
    auto keys = read_keys(options.keys_files);
    if (!keys) {
        return std::unexpected(keys.error());
    }
    stage.keys = *std::move(keys);
    if (const auto usage = usage_of(options.pids); !usage) {
        return std::unexpected(usage.error());
    }
    // Before the server is there, so that nothing keeps us from noticing when it ends.
    if (auto made = make_tokens(stage, options); !made) {
        return std::unexpected(made.error());
    }
    if (auto started = start_servers(stage, options); !started) {
        return std::unexpected(started.error());
    }
    if (auto found = find_target(stage, options, stop); !found) {
        return std::unexpected(found.error());
    }
    auto lanes = make_lanes(stage, options);
    if (auto connected = connect_all(lanes, stage.server.get(), stop); !connected) {
        return std::unexpected(connected.error());
    }
    Result result;
    result.setup = describe(options);
    if (options.load == Load::constant || options.load == Load::poisson) {
        result.intended_rate = options.rate;
    }
    for (const FaultSpan& span : options.faults) {
        const auto seconds = [](Nanos time) {
            return static_cast<double>(time) / static_cast<double>(nanos_per_second);
        };
        result.faults.push_back(
            {.begin = seconds(span.begin), .end = seconds(span.begin + span.length), .description = span.description}
        );
    }
    if (auto done = put_load(stage, lanes, options, stop, result); !done) {
        return std::unexpected(done.error());
    }
    result.was_stopped = stop;
    if (result.counts.all() == 0) {
        return std::unexpected("nothing was measured: the run ended before the first answer");
    }
    return result;
}

}  // namespace arngate::bench
