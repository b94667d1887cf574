#pragma once

#include "bench/arngate-bench/result.hpp"
#include "bench/arngate-bench/run_options.hpp"

#include <atomic>
#include <expected>
#include <string>

namespace arngate::bench {

/// Does the whole run: keys, fake STS, server, tokens, connections, load. `options` are settled. `stop` ends it early,
/// with the result so far. Says on standard error how it goes. Fails with a text for the user.
[[nodiscard]] std::expected<Result, std::string> run(const RunOptions& options, const std::atomic<bool>& stop);

}  // namespace arngate::bench
