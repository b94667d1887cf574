#include "bench/arngate-bench/embedded_sts.hpp"

#include "tests/support/fake_sts/certificates.hpp"
#include "tests/support/fake_sts/known_hosts.hpp"
#include "tests/support/fake_sts/request_check.hpp"
#include "tests/support/fake_sts/stats.hpp"
#include "tests/support/fake_sts/sts_server.hpp"

#include "core/base/clock.hpp"

#include <stdexcept>
#include <string_view>

namespace arngate::bench {
namespace {

using fake_sts::Regions;

std::vector<std::string> names_of(const Regions& regions) {
    std::vector<std::string> names;
    names.reserve(regions.size());
    for (const auto& [name, region] : regions) {
        names.push_back(name);
    }
    return names;
}

}  // namespace

struct EmbeddedSts::Parts {
    explicit Parts(const EmbeddedStsOptions& options)
        : schedule(options.schedule), check(keys, [this](std::string_view host) -> std::string_view {
              const auto found = regions.find(host);
              return found == regions.end() ? std::string_view() : std::string_view(found->second);
          }) {
        keys.add(options.keys);
        faults.replace(schedule.plan_at(0));
        const fake_sts::CertificateFiles files = fake_sts::write_certificates(options.directory, names_of(regions));
        ca_file = files.ca.string();
        fake_sts::StsServerOptions server_options;
        server_options.port = options.port;
        server_options.threads = options.threads;
        server_options.verify = options.verify;
        server_options.cert_file = files.cert.string();
        server_options.key_file = files.key.string();
        server = std::make_unique<fake_sts::StsServer>(
            server_options, fake_sts::StsServerParts{.clock = clock, .check = check, .faults = faults, .stats = stats}
        );
        server->start();
    }

    SystemClock clock;
    Regions regions = fake_sts::known_sts_hosts();
    FaultSchedule schedule;
    fake_sts::KeyTable keys;
    fake_sts::FaultSwitch faults;
    fake_sts::Stats stats;
    fake_sts::RequestCheck check;
    std::string ca_file;
    std::unique_ptr<fake_sts::StsServer> server;
};

EmbeddedSts::EmbeddedSts(const EmbeddedStsOptions& options) : parts_(std::make_unique<Parts>(options)) {}

EmbeddedSts::~EmbeddedSts() = default;

std::uint16_t EmbeddedSts::port() const noexcept {
    return parts_->server->port();
}

const std::string& EmbeddedSts::ca_file() const noexcept {
    return parts_->ca_file;
}

void EmbeddedSts::apply(Nanos moment) {
    parts_->faults.replace(parts_->schedule.plan_at(moment));
}

const FaultSchedule& EmbeddedSts::schedule() const noexcept {
    return parts_->schedule;
}

std::uint64_t EmbeddedSts::requests() const {
    return parts_->stats.requests.load();
}

}  // namespace arngate::bench
