#pragma once

#include "core/aws/credentials.hpp"
#include "core/base/clock.hpp"

#include <chrono>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace arngate::credentials {

struct KeepingOptions {
    std::chrono::seconds refresh_before{5 * 60};  ///< fresh credentials are asked for so long before the old ones end
    /// So long before their end, old ones are not given any more: more than whoever gets them keeps them.
    std::chrono::seconds never_given_after{2 * 60};
    std::chrono::seconds ask_again{10};  ///< after a failure or a refusal the source is not asked for so long
};

/// Keeps credentials that end until shortly before they do, and asks each time for those that do not, as they may have
/// been replaced. Those that are still good are given on when fresh ones cannot be had; a failure is remembered until
/// the source may be asked again. Not thread-safe.
class KeptCredentials {
public:
    using Ask = std::function<std::expected<aws::Credentials, std::string>()>;

    /// The clock must outlive the object. `ask` may block; its error is for people and holds no secret.
    KeptCredentials(const Clock& clock, Ask ask, KeepingOptions options = {})
        : clock_(clock), ask_(std::move(ask)), options_(options) {}

    /// Never null. Blocks while the source is asked.
    [[nodiscard]] std::expected<std::shared_ptr<const aws::Credentials>, std::string> get();
    /// AWS refused what was given: fresh ones are asked for as soon as the source may be asked.
    void refused() noexcept { refused_ = true; }

private:
    void ask();
    [[nodiscard]] bool is_good_for(std::chrono::seconds span) const;

    const Clock& clock_;
    Ask ask_;
    KeepingOptions options_;
    std::shared_ptr<const aws::Credentials> current_;  ///< with an end
    bool refused_ = false;
    std::optional<SteadyTime> asked_at_;  ///< the last time that kept credentials or a failure came of it
    std::string failure_;                 ///< of that time; empty when there was none
};

}  // namespace arngate::credentials
