#pragma once

#include "config/chain/mapping_diff.hpp"
#include "config/sources/source.hpp"
#include "core/base/clock.hpp"
#include "core/mapping/rule.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace arngate::config {

enum class SourceStatus : std::uint8_t {
    starting,  ///< has told nothing yet, and nothing is kept of an earlier run
    restored,  ///< has told nothing yet; what an earlier run has kept is in force
    synced,    ///< what it told last is in force
    stale,     ///< it fails; what it told before is in force
    failed,    ///< it fails, and never told anything
    grace,     ///< it is empty or gone; what it told before is in force for a while
    missing,   ///< there is no document
};

[[nodiscard]] std::string_view name_of(SourceStatus status) noexcept;

/// Which rules of one source are in force: never worse than a moment ago.
/// - A failure leaves the rules in force.
/// - A reading without entries where there were some is suspect: for the grace period the old rules stay. A failure of
///   who keeps the document does not prolong it; a document that is there again and cannot be used ends it, with the
///   old rules in force.
/// - What can be used of a document that is broken as a whole is taken while nothing whole is known.
/// Plain values, no clock, no files. One thread.
class SourceState {
public:
    /// What came of an event.
    struct Change {
        bool status = false;              ///< the status or the error is another one
        std::optional<MappingDiff> diff;  ///< the rules in force are other ones
        /// The rules that were in force before, if others took their place; null otherwise. Letting many go takes time,
        /// which is better spent when the new ones are in use.
        std::shared_ptr<const mapping::SourceRules> replaced;
    };

    /// `grace` 0: a reading without entries is taken at once.
    explicit SourceState(std::chrono::milliseconds grace) : grace_(grace) {}

    /// Rules that an earlier run has kept, read by it at `when`. Before the first `take`.
    void restore(mapping::SourceRules rules, WallTime when);
    /// `scrubbed_accounts` are those kept out of the difference's examples.
    [[nodiscard]] Change take(
        SourceReading reading, SteadyTime now, WallTime wall, std::span<const std::string> scrubbed_accounts = {}
    );
    [[nodiscard]] Change take(SourceFailure failure, std::span<const std::string> scrubbed_accounts = {});
    /// Ends the grace period if its time has come.
    [[nodiscard]] Change expire(SteadyTime now, std::span<const std::string> scrubbed_accounts = {});
    /// Username prefixes that the rules in force may not give from now on. Says whether they are others than before.
    bool reserve(const std::vector<std::string>& prefixes);
    /// When to call `expire`.
    [[nodiscard]] std::optional<SteadyTime> deadline() const noexcept { return deadline_; }

    /// In force now; never null. Immutable, so that whoever builds a table of them needs no copy.
    [[nodiscard]] const std::shared_ptr<const mapping::SourceRules>& rules() const noexcept { return rules_; }
    [[nodiscard]] std::size_t entries() const noexcept { return count_entries(*rules_); }
    [[nodiscard]] SourceStatus status() const noexcept { return status_; }
    /// Counts the rules that were in force so far.
    [[nodiscard]] std::uint64_t generation() const noexcept { return generation_; }
    /// Entries that the last reading left out.
    [[nodiscard]] std::size_t rejected() const noexcept { return rejected_; }
    /// When the source was last read without failing, by this process or by one before.
    [[nodiscard]] std::optional<WallTime> last_good() const noexcept { return last_good_; }
    /// Of the last failure, or of the suspect reading; empty when all is well.
    [[nodiscard]] const std::string& last_error() const noexcept { return last_error_; }
    /// Of the last reading's document, for people.
    [[nodiscard]] const std::string& version() const noexcept { return version_; }
    /// Whether it has told anything that can be used, or an earlier run has kept it.
    [[nodiscard]] bool has_rules() const noexcept { return has_rules_; }
    /// Whether the rules in force are a whole document's, so that they are worth keeping.
    [[nodiscard]] bool is_whole() const noexcept { return has_rules_ && !is_partial_; }

private:
    void set(SourceStatus status, std::string error, Change& change);
    void put_in_force(mapping::SourceRules rules, std::span<const std::string> scrubbed_accounts, Change& change);

    std::chrono::milliseconds grace_;
    std::shared_ptr<const mapping::SourceRules> rules_ = std::make_shared<mapping::SourceRules>();
    std::optional<SourceReading> suspect_;  ///< what takes the place of the rules when the grace period ends
    std::optional<SteadyTime> deadline_;
    SourceStatus status_ = SourceStatus::starting;
    std::uint64_t generation_ = 0;
    std::size_t rejected_ = 0;
    std::optional<WallTime> last_good_;
    std::string last_error_;
    std::string version_;
    bool has_rules_ = false;
    bool is_partial_ = false;
};

}  // namespace arngate::config
