#pragma once

#include <cstdint>
#include <expected>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace arngate::bench {

/// What `compare` reads of a result's JSON.
struct StoredResult {
    std::map<std::string, double, std::less<>> metrics;
    std::map<std::string, std::string, std::less<>> setup;
};

/// Fails with a text for the user: not JSON, not a result, or of another format.
[[nodiscard]] std::expected<StoredResult, std::string> parse_result(std::string_view json);

enum class Judgement : std::uint8_t { same, better, worse, not_judged };

struct ComparedMetric {
    std::string name;
    double before = 0;
    double after = 0;
    double ratio = 0;  ///< after / before; 1 when both are 0, infinite when only `before` is
    Judgement judgement = Judgement::same;
};

struct Comparison {
    std::vector<ComparedMetric> metrics;   ///< that both results have
    std::vector<std::string> differences;  ///< options that were not the same
    [[nodiscard]] bool is_worse() const noexcept;
};

/// A metric that changed by no more than `tolerance` (0.1: a tenth) is the same. The share of failed reviews is worse
/// when it grew by more than a thousandth of all, whatever the tolerance. p99.9 and the maximum are not judged.
[[nodiscard]] Comparison compare(const StoredResult& before, const StoredResult& after, double tolerance);

/// For a terminal.
[[nodiscard]] std::string as_text(const Comparison& comparison);

}  // namespace arngate::bench
