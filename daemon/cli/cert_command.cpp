#include "core/base/log.hpp"
#include "daemon/cli/commands.hpp"
#include "daemon/pki/pem.hpp"
#include "daemon/pki/rotation.hpp"
#include "daemon/webhook_files.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <chrono>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

namespace arngate::cli {

namespace {

std::string utc(std::optional<WallTime> time) {
    if (!time) {
        return "unreadable";
    }
    return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::chrono::system_clock::to_time_t(*time)));
}

void print(std::string_view title, std::string_view pem, std::ostream& out) {
    for (const pki::Certificate& certificate : pki::parse_certificates(pem)) {
        const pki::SubjectNames names = pki::names_of(*certificate);
        out << fmt::format(
            "{}: {}\n  for         {}{}{}\n  from        {}\n  until       {}\n  SHA-256     {}\n",
            title,
            pki::common_name_of(*certificate),
            fmt::join(names.dns, ", "),
            names.dns.empty() || names.ips.empty() ? "" : ", ",
            fmt::join(names.ips, ", "),
            utc(pki::not_before(*certificate)),
            utc(pki::not_after(*certificate)),
            pki::fingerprint(*certificate)
        );
    }
}

int refuse(const Surroundings& surroundings, std::string_view message) {
    surroundings.err << "Error: " << message << '\n';
    return failure;
}

}  // namespace

int run_cert_show(const config::Settings& settings, const Surroundings& surroundings) {
    const KeyPairFiles pair_files = key_pair_files(settings);
    const auto pair = pki::load_key_pair(pair_files.certificate, pair_files.key);
    if (!pair) {
        return refuse(surroundings, pair.error());
    }
    print("serves", pair->certificate_pem, surroundings.out);
    const pki::RotationFiles files = pki::rotation_files(pair_files.certificate, pair_files.key);
    if (settings.server.tls.cert_file.empty() && pki::is_rotating(files)) {
        print("clients may trust", pki::trust_anchors(files, *pair), surroundings.out);
        surroundings.out << "A rotation has begun: when every API server has read the kubeconfig again, run "
                            "arngate cert rotate --finish.\n";
    }
    return success;
}

int run_cert_rotate(const CommandLine& line, const config::Settings& settings, const Surroundings& surroundings) {
    if (!settings.server.tls.cert_file.empty()) {
        return refuse(
            surroundings,
            "server.tls.certFile names a certificate of somebody else's making: renew it where it comes from; the "
            "server sees the new files by itself"
        );
    }
    const bool finish = line.own_flag("finish") == "true";
    const pki::KeyPairRequest request = key_pair_request(settings);
    const auto pair = finish ? pki::finish_rotation(request) : pki::rotate(request, surroundings.clock.wall());
    if (!pair) {
        return refuse(surroundings, pair.error());
    }
    log::info(
        finish ? "the old certificate is out of use" : "made a new private key and certificate",
        {{"certPath", request.certificate_file}, {"keyPath", request.key_file}}
    );
    const auto written = prepare_kubeconfig(settings, *pair, settings.server.port);
    if (!written) {
        return refuse(surroundings, written.error());
    }
    if (!finish) {
        log::info(
            "API servers go on as they are: the new certificate is signed by the old one. Restart each when you "
            "like, so that it reads its kubeconfig again; then run arngate cert rotate --finish"
        );
    }
    return success;
}

}  // namespace arngate::cli
