// arngate_fake_sts: an STS for tests, demos and measurements. See tests/support/README.md.

#include "tests/support/fake_sts/aws_api.hpp"
#include "tests/support/fake_sts/certificates.hpp"
#include "tests/support/fake_sts/control_server.hpp"
#include "tests/support/fake_sts/fault_plan.hpp"
#include "tests/support/fake_sts/key_table.hpp"
#include "tests/support/fake_sts/known_hosts.hpp"
#include "tests/support/fake_sts/request_check.hpp"
#include "tests/support/fake_sts/stats.hpp"
#include "tests/support/fake_sts/sts_server.hpp"

#include "core/base/clock.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

namespace asio = boost::asio;
using namespace arngate;
using namespace arngate::fake_sts;

struct Options {
    std::string address = "127.0.0.1";
    std::uint16_t port = 0;
    std::uint16_t control_port = 0;
    bool has_control_port = false;
    std::vector<std::string> keys_files;
    std::vector<std::string> hosts;
    std::string cert_dir;
    std::string cert_file;
    std::string key_file;
    std::string ready_file;
    std::string latency;
    std::vector<std::string> faults;
    unsigned threads = 1;
    bool no_verify = false;
    bool http1_only = false;
    bool http2_only = false;
};

std::string read_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) {
        throw std::runtime_error("cannot read " + path);
    }
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// "--host NAME" names a host of the table, "--host NAME=REGION" any other.
Regions chosen_hosts(const std::vector<std::string>& wanted) {
    Regions known = known_sts_hosts();
    if (wanted.empty()) {
        return known;
    }
    Regions chosen;
    for (const std::string& text : wanted) {
        const auto equals = text.find('=');
        const std::string name = text.substr(0, equals);
        if (equals != std::string::npos) {
            chosen.emplace(name, text.substr(equals + 1));
        } else if (const auto found = known.find(name); found != known.end()) {
            chosen.insert(*found);
        } else {
            throw std::runtime_error(fmt::format("{} is not an STS host: give its region, {}=REGION", name, name));
        }
    }
    return chosen;
}

std::shared_ptr<const FaultPlan> first_plan(const Options& options) {
    auto plan = std::make_shared<FaultPlan>();
    if (!options.latency.empty()) {
        const auto latency = parse_latency(options.latency);
        if (!latency) {
            throw std::runtime_error("--latency: " + latency.error());
        }
        plan->latency = *latency;
    }
    for (const std::string& text : options.faults) {
        const auto rule = parse_fault_rule(text);
        if (!rule) {
            throw std::runtime_error("--fault: " + rule.error());
        }
        plan->rules.push_back(std::make_unique<FaultRule>(*rule));
    }
    return plan;
}

void write_ready_file(
    const std::string& path, std::uint16_t port, std::uint16_t control_port, const std::string& ca_file
) {
    // Renamed into place, so that a reader never sees half of it.
    const std::string unfinished = path + ".tmp";
    {
        std::ofstream file(unfinished);
        file << fmt::format(R"({{"port":{},"control_port":{},"ca_file":"{}"}})", port, control_port, ca_file);
        if (!file.flush()) {
            throw std::runtime_error("cannot write " + path);
        }
    }
    std::filesystem::rename(unfinished, path);
}

void run(const Options& options) {
    KeyTable keys;
    for (const std::string& path : options.keys_files) {
        auto parsed = parse_keys(read_file(path));
        if (!parsed) {
            throw std::runtime_error(path + ": " + parsed.error());
        }
        keys.add(*std::move(parsed));
    }
    const Regions regions = chosen_hosts(options.hosts);
    const Regions ec2_regions = options.hosts.empty() ? known_ec2_hosts() : Regions();
    const auto region_in = [](const Regions& hosts) {
        return [&hosts](std::string_view host) -> std::string_view {
            const auto found = hosts.find(host);
            return found == hosts.end() ? std::string_view() : std::string_view(found->second);
        };
    };
    const auto region_of = region_in(regions);

    StsServerOptions server_options{
        .address = options.address,
        .port = options.port,
        .threads = std::max(1U, options.threads),
        .verify = !options.no_verify,
        .protocols = options.http1_only   ? Protocols::http1_only
                     : options.http2_only ? Protocols::http2_only
                                          : Protocols::both,
        .cert_file = options.cert_file,
        .key_file = options.key_file
    };
    std::string ca_file = options.cert_file;
    if (options.cert_file.empty()) {
        std::vector<std::string> names;
        for (const Regions& hosts : {std::cref(regions), std::cref(ec2_regions)}) {
            for (const auto& [host, region] : hosts) {
                names.push_back(host);
            }
        }
        const CertificateFiles files = write_certificates(options.cert_dir, names);
        server_options.cert_file = files.cert;
        server_options.key_file = files.key;
        ca_file = files.ca;
    }

    const SystemClock clock;
    Stats stats;
    FaultSwitch faults;
    faults.replace(first_plan(options));
    RequestCheck check(keys, region_of);
    AwsApi api(keys, region_of, region_in(ec2_regions));
    StsServer server(server_options, {.clock = clock, .check = check, .faults = faults, .stats = stats, .api = &api});

    asio::io_context context(1);
    asio::signal_set signals(context, SIGINT, SIGTERM);
    signals.async_wait([&context](const boost::system::error_code&, int) { context.stop(); });
    std::unique_ptr<ControlServer> control;
    if (options.has_control_port) {
        control = std::make_unique<ControlServer>(context, options.control_port, keys, faults, stats, &api);
        control->start();
    }
    server.start();
    const std::uint16_t control_port = control ? control->port() : std::uint16_t{0};
    if (!options.ready_file.empty()) {
        write_ready_file(options.ready_file, server.port(), control_port, ca_file);
    }
    fmt::print("fake STS listening on {}:{}\n", options.address, server.port());
    if (control) {
        fmt::print("control port 127.0.0.1:{}\n", control_port);
    }
    fmt::print("certificate authority {}\n", ca_file);
    std::fflush(stdout);
    context.run();
    server.stop();
}

}  // namespace

int main(int argc, char** argv) {
    Options options;
    CLI::App app("A fake AWS STS: checks presigned GetCallerIdentity requests for real, and misbehaves on demand.");
    app.add_option("--address", options.address, "Address to listen on")->capture_default_str();
    app.add_option("--port", options.port, "TLS port; 0: a free one")->capture_default_str();
    CLI::Option* const control =
        app.add_option("--control-port", options.control_port, "Control port on 127.0.0.1 (plain HTTP); 0: a free one");
    app.add_option("--keys", options.keys_files, "JSON file of keys and identities, repeatable")
        ->required()
        ->check(CLI::ExistingFile)
        ->allow_extra_args(false);
    app.add_option("--host", options.hosts, "Host to serve, NAME or NAME=REGION, repeatable (default: every STS host)")
        ->allow_extra_args(false);
    CLI::Option* const cert_dir = app.add_option(
        "--cert-dir", options.cert_dir, "Directory for a certificate authority and certificate made now"
    );
    CLI::Option* const cert = app.add_option("--cert", options.cert_file, "Certificate chain to use instead (PEM)");
    CLI::Option* const key = app.add_option("--key", options.key_file, "Its key (PEM)");
    cert->needs(key)->excludes(cert_dir);
    key->needs(cert);
    app.add_option("--ready-file", options.ready_file, "Written when all ports are open: ports and authority as JSON");
    app.add_option("--latency", options.latency, "fixed:MS, uniform:MIN,MAX or lognormal:MEDIAN,SIGMA");
    app.add_option("--fault", options.faults, "KIND[:every=N][,times=N][,above_per_second=N][,delay_ms=N][,bytes=N]")
        ->allow_extra_args(false);
    app.add_option("--threads", options.threads, "Threads")->check(CLI::Range(1, 256))->capture_default_str();
    app.add_flag("--no-verify", options.no_verify, "Do not check signatures, dates and session tokens");
    CLI::Option* const http1_only = app.add_flag("--http1-only", options.http1_only, "Do not offer HTTP/2");
    app.add_flag("--http2-only", options.http2_only, "Do not offer HTTP/1.1")->excludes(http1_only);
    CLI11_PARSE(app, argc, argv);
    options.has_control_port = control->count() > 0;
    if (cert_dir->count() == 0 && cert->count() == 0) {
        fmt::print(stderr, "arngate_fake_sts: give --cert-dir, or --cert and --key\n");
        return 1;
    }
    try {
        run(options);
    } catch (const std::exception& failure) {
        fmt::print(stderr, "arngate_fake_sts: {}\n", failure.what());
        return 1;
    }
    return 0;
}
