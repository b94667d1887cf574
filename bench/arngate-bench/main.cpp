// arngate-bench: a load generator for TokenReview webhooks. See docs/benchmarking.md.

#include "bench/arngate-bench/command_line.hpp"
#include "bench/arngate-bench/compare.hpp"
#include "bench/arngate-bench/files.hpp"
#include "bench/arngate-bench/result.hpp"
#include "bench/arngate-bench/runner.hpp"

#include <fmt/format.h>

#include <atomic>
#include <csignal>
#include <cstdio>
#include <exception>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace {

using namespace arngate::bench;

constexpr int failure_status = 2;

std::atomic<bool> stop_asked{false};
static_assert(std::atomic<bool>::is_always_lock_free);

void ask_to_stop(int /*signal*/) {
    stop_asked = true;
}

int fail(std::string_view why) {
    const std::string_view line_end = why.ends_with('\n') ? "" : "\n";
    fmt::print(stderr, "arngate-bench: {}{}", why, line_end);
    return failure_status;
}

int perform(const RunOptions& options) {
    std::signal(SIGPIPE, SIG_IGN);
    std::signal(SIGINT, ask_to_stop);
    std::signal(SIGTERM, ask_to_stop);
    const auto result = run(options, stop_asked);
    if (!result) {
        return fail(result.error());
    }
    const std::pair<const std::string*, std::string (*)(const Result&)> outputs[] = {
        {&options.text_file, &as_text}, {&options.json_file, &as_json}, {&options.html_file, &as_html}
    };
    for (const auto& [file, write] : outputs) {
        if (file->empty()) {
            continue;
        }
        if (const auto written = write_file(*file, write(*result)); !written) {
            return fail(written.error());
        }
    }
    return 0;
}

int perform(const CompareOptions& options) {
    StoredResult results[2];
    const std::string* const files[] = {&options.before, &options.after};
    for (std::size_t index = 0; index < 2; ++index) {
        const auto content = read_file(*files[index]);
        if (!content) {
            return fail(content.error());
        }
        auto parsed = parse_result(*content);
        if (!parsed) {
            return fail(fmt::format("{} {}", *files[index], parsed.error()));
        }
        results[index] = *std::move(parsed);
    }
    const Comparison comparison = compare(results[0], results[1], options.tolerance);
    fmt::print("{}", as_text(comparison));
    return comparison.is_worse() ? 1 : 0;
}

int perform(const Finished& finished) {
    fmt::print("{}", finished.out);
    if (!finished.error.empty()) {
        static_cast<void>(fail(finished.error));
    }
    return finished.exit_status;
}

}  // namespace

int main(int argc, char** argv) {
    try {
        const auto asked = parse_command_line(std::vector<std::string>(argv, argv + argc));
        return std::visit([](const auto& options) { return perform(options); }, asked);
    } catch (const std::exception& failure) {
        return fail(failure.what());
    }
}
