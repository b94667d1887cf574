#include "config/chain/source_state.hpp"

#include <utility>

namespace arngate::config {
namespace {

/// Health pages show it to everybody who can reach them: where and what was expected, never what stands there.
std::string error_text(const Problems& problems) {
    if (problems.empty()) {
        return "no reason is known";
    }
    Problem shown = problems.front();
    shown.found = shown.expected.empty() ? "what cannot be used; the log says more" : "";
    return shown.text();
}

}  // namespace

std::string_view name_of(SourceStatus status) noexcept {
    switch (status) {
        case SourceStatus::starting:
            return "starting";
        case SourceStatus::restored:
            return "restored";
        case SourceStatus::synced:
            return "synced";
        case SourceStatus::stale:
            return "stale";
        case SourceStatus::failed:
            return "failed";
        case SourceStatus::grace:
            return "grace";
        case SourceStatus::missing:
            return "missing";
    }
    std::unreachable();
}

void SourceState::set(SourceStatus status, std::string error, Change& change) {
    change.status = status != status_ || error != last_error_;
    status_ = status;
    last_error_ = std::move(error);
}

void SourceState::put_in_force(
    mapping::SourceRules rules, std::span<const std::string> scrubbed_accounts, Change& change
) {
    MappingDiff diff = difference(*rules_, rules, scrubbed_accounts);
    const bool first = !std::exchange(has_rules_, true);
    // Taken even when nothing differs: places of entries may have moved, and messages name them.
    change.replaced = std::exchange(rules_, std::make_shared<const mapping::SourceRules>(std::move(rules)));
    if (first || !diff.empty()) {
        ++generation_;
        change.diff = std::move(diff);
    }
}

void SourceState::restore(mapping::SourceRules rules, WallTime when) {
    Change change;
    put_in_force(std::move(rules), {}, change);
    set(SourceStatus::restored, {}, change);
    last_good_ = when;
}

SourceState::Change SourceState::take(
    SourceReading reading, SteadyTime now, WallTime wall, std::span<const std::string> scrubbed_accounts
) {
    Change change;
    version_ = reading.version;
    rejected_ = reading.rejected;
    if (count_entries(reading.rules) == 0 && entries() > 0 && grace_.count() > 0) {
        set(SourceStatus::grace, reading.missing ? "the document is gone" : "the document has no entries", change);
        if (!deadline_) {
            deadline_ = now + grace_;
        }
        suspect_ = std::move(reading);
        return change;
    }
    suspect_.reset();
    deadline_.reset();
    last_good_ = wall;
    is_partial_ = false;
    const bool missing = reading.missing;
    put_in_force(std::move(reading.rules), scrubbed_accounts, change);
    set(missing ? SourceStatus::missing : SourceStatus::synced, {}, change);
    return change;
}

SourceState::Change SourceState::take(SourceFailure failure, std::span<const std::string> scrubbed_accounts) {
    Change change;
    std::string error = error_text(failure.problems);
    if (failure.kind == SourceFailure::Kind::unreachable && deadline_) {
        set(SourceStatus::grace, std::move(error), change);
        return change;
    }
    suspect_.reset();
    deadline_.reset();
    if (failure.partial && !is_whole()) {
        version_ = failure.partial->version;
        rejected_ = failure.partial->rejected;
        put_in_force(std::move(failure.partial->rules), scrubbed_accounts, change);
        is_partial_ = true;
    }
    set(has_rules_ ? SourceStatus::stale : SourceStatus::failed, std::move(error), change);
    return change;
}

SourceState::Change SourceState::expire(SteadyTime now, std::span<const std::string> scrubbed_accounts) {
    Change change;
    if (!deadline_ || now < *deadline_) {
        return change;
    }
    deadline_.reset();
    const bool missing = suspect_->missing;
    put_in_force(std::move(suspect_->rules), scrubbed_accounts, change);
    is_partial_ = false;
    suspect_.reset();
    set(missing ? SourceStatus::missing : SourceStatus::synced, {}, change);
    return change;
}

bool SourceState::reserve(const std::vector<std::string>& prefixes) {
    if (suspect_) {
        suspect_->rules.reserved_prefixes = prefixes;
    }
    if (rules_->reserved_prefixes == prefixes) {
        return false;
    }
    auto rules = std::make_shared<mapping::SourceRules>(*rules_);
    rules->reserved_prefixes = prefixes;
    rules_ = std::move(rules);
    return true;
}

}  // namespace arngate::config
