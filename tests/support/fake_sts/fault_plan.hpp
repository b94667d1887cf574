#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace arngate::fake_sts {

enum class FaultKind : std::uint8_t {
    throttle,             ///< 400 Throttling "Rate exceeded"
    internal_failure,     ///< 500 InternalFailure
    service_unavailable,  ///< 503 ServiceUnavailable
    reset_before,         ///< TCP reset after the request, before any byte of the answer
    reset_mid,            ///< TCP reset in the middle of the body
    half_body,            ///< half of the announced body, then an orderly close
    slow_body,            ///< the answer byte by byte, `delay` apart
    wrong_content_type,   ///< the right body as text/html
    garbage_json,         ///< 200 with a body that is not JSON
    redirect,             ///< 301 to another host
    huge_body,            ///< 200 with `bytes` of blanks before the body
    goaway,               ///< HTTP/2: GOAWAY, this request not looked at; HTTP/1.1: the connection's last answer
    reset_stream,         ///< HTTP/2: RST_STREAM in place of the answer; HTTP/1.1: as reset_before
};

[[nodiscard]] std::string_view name_of(FaultKind kind) noexcept;
/// The kind of this name, or what is wrong.
[[nodiscard]] std::expected<FaultKind, std::string> fault_kind_of(std::string_view name);

/// One kind of fault and which requests it meets. Thread-safe.
class FaultRule {
public:
    struct Options {
        FaultKind kind = FaultKind::throttle;
        std::uint64_t every = 1;                    ///< every nth request that no earlier rule met
        std::optional<std::uint64_t> times;         ///< at most this often; nothing: without end
        std::optional<double> above_per_second;     ///< only requests beyond this rate
        std::chrono::milliseconds delay{100};       ///< of slow_body
        std::size_t bytes = std::size_t{1} << 20U;  ///< of huge_body
    };

    explicit FaultRule(const Options& options) : options_(options) {}

    /// Whether the rule meets this request, which it counts.
    [[nodiscard]] bool meets(std::chrono::steady_clock::time_point now);
    [[nodiscard]] const Options& options() const noexcept { return options_; }

private:
    bool is_above_rate(std::chrono::steady_clock::time_point now, double per_second);

    Options options_;
    std::atomic<std::uint64_t> seen_{0};
    std::atomic<std::uint64_t> met_{0};
    std::mutex rate_mutex_;
    double tokens_ = 0;  ///< of the bucket: one second's worth at most
    std::optional<std::chrono::steady_clock::time_point> refilled_;
};

/// How long an answer is kept back.
struct Latency {
    enum class Kind : std::uint8_t { none, fixed, uniform, lognormal };
    Kind kind = Kind::none;
    double first = 0;   ///< milliseconds: the value, the least, or the median
    double second = 0;  ///< milliseconds at most, or the sigma of the logarithm

    [[nodiscard]] std::chrono::microseconds draw(std::mt19937_64& generator) const;
};

/// What the fake does to requests until the next plan. Shared by all threads.
struct FaultPlan {
    bool hold = false;  ///< keep every answer back until a plan without it comes
    Latency latency;
    std::vector<std::unique_ptr<FaultRule>> rules;  ///< the first that meets a request decides

    /// nullptr: answer properly.
    [[nodiscard]] const FaultRule::Options* decide(std::chrono::steady_clock::time_point now) const;
};

/// {"hold":bool,"latency":{"kind":"fixed","ms":5}|{"kind":"uniform","min_ms":1,"max_ms":9}|
/// {"kind":"lognormal","median_ms":20,"sigma":0.5},"rules":[{"kind":…,"every":…,"times":…,"above_per_second":…,
/// "delay_ms":…,"bytes":…}]}; every member may be missing. Unknown members are refused.
[[nodiscard]] std::expected<std::shared_ptr<const FaultPlan>, std::string> parse_fault_plan(std::string_view json);

/// "fixed:MS", "uniform:MIN,MAX" or "lognormal:MEDIAN,SIGMA".
[[nodiscard]] std::expected<Latency, std::string> parse_latency(std::string_view text);
/// "KIND[:every=N][,times=N][,above_per_second=N][,delay_ms=N][,bytes=N]".
[[nodiscard]] std::expected<FaultRule::Options, std::string> parse_fault_rule(std::string_view text);

/// The plan in force. Thread-safe.
class FaultSwitch {
public:
    FaultSwitch() : plan_(std::make_shared<const FaultPlan>()) {}

    [[nodiscard]] std::shared_ptr<const FaultPlan> current() const {
        const std::lock_guard lock(mutex_);
        return plan_;
    }
    void replace(std::shared_ptr<const FaultPlan> plan) {
        const std::lock_guard lock(mutex_);
        plan_ = std::move(plan);
    }

private:
    mutable std::mutex mutex_;
    std::shared_ptr<const FaultPlan> plan_;
};

}  // namespace arngate::fake_sts
