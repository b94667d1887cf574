#pragma once

#include "bench/arngate-bench/fault_schedule.hpp"
#include "bench/arngate-bench/pacer.hpp"
#include "bench/arngate-bench/tls.hpp"
#include "bench/arngate-bench/token_pool.hpp"

#include "tests/support/fake_sts/fault_plan.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace arngate::bench {

enum class Shown : std::uint8_t { automatic, yes, no };

/// What `arngate-bench run` was asked to do. The defaults are those of its help.
struct RunOptions {
    std::string url;
    std::string kubeconfig;
    std::string ca_file;
    bool is_insecure = false;
    bool allows_remote = false;
    Protocol protocol = Protocol::h1;

    Load load = Load::closed;
    double rate = 0;
    Nanos duration = 10 * nanos_per_second;
    Nanos warmup = nanos_per_second;
    Nanos drain = 5 * nanos_per_second;
    Nanos timeout = 10 * nanos_per_second;
    std::uint64_t requests = 0;  ///< 0: as many as the time allows
    std::size_t connections = 16;
    std::size_t streams = 1;
    std::uint64_t requests_per_connection = 0;
    unsigned threads = 1;

    std::vector<std::string> keys_files;
    std::string cluster_id;
    std::string region = "us-east-1";
    std::size_t tokens = 1000;
    bool are_tokens_counted = false;  ///< `tokens` was given
    Population population = Population::uniform;
    double zipf_exponent = 1.0;
    std::string mix_text = "valid=1";
    TokenMix mix{1, 0, 0, 0};
    std::uint64_t seed = 1;

    bool has_sts = false;
    std::uint16_t sts_port = 0;
    std::string sts_directory;
    unsigned sts_threads = 1;
    bool sts_verifies = true;
    std::string sts_latency_text;
    fake_sts::Latency sts_latency;
    std::vector<std::string> fault_texts;
    std::vector<FaultSpan> faults;

    std::vector<int> pids;
    std::vector<std::string> command;

    std::string text_file = "-";
    std::string json_file;
    std::string html_file;
    Shown progress = Shown::automatic;
};

inline constexpr Nanos max_run = 600 * nanos_per_second;  ///< tokens live for 15 minutes
inline constexpr double max_rate = 1'000'000;
inline constexpr std::size_t max_connections = 20'000;
inline constexpr std::size_t max_streams = 10'000;
inline constexpr std::size_t max_tokens = 2'000'000;

/// Checks what no single option shows, and settles what depends on others: how many tokens there are, and whether there
/// is a warm-up. Fails with a text for the user.
[[nodiscard]] std::expected<void, std::string> settle(RunOptions& options);

/// For the report: each option that matters to the numbers, by name.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> describe(const RunOptions& options);

}  // namespace arngate::bench
