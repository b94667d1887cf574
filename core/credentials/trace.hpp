#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace arngate::credentials {

/// What one source said when it was asked.
struct Step {
    enum class Outcome : std::uint8_t {
        passed,  ///< it has nothing to give, so the next one is asked
        noted,   ///< something on the way, such as a call that was made
        found,   ///< it gave the credentials
        failed   ///< it should have given them and did not: nobody else is asked
    };
    std::string source;  ///< "environment", "profile dev", …
    Outcome outcome = Outcome::passed;
    std::string said;  ///< for people; never a key, a token or a peer's bytes
};

/// The decisions of one resolution, in order.
struct Trace {
    std::vector<Step> steps;

    void add(std::string_view source, Step::Outcome outcome, std::string said) {
        steps.push_back(Step{.source = std::string(source), .outcome = outcome, .said = std::move(said)});
    }
};

/// Why there are no credentials.
struct Failure {
    std::string what;       ///< for people; never a key, a token or a peer's bytes
    std::string next_step;  ///< what the reader can do about it; may be empty

    /// Both in one line.
    [[nodiscard]] std::string text() const { return next_step.empty() ? what : what + "; " + next_step; }
};

}  // namespace arngate::credentials
