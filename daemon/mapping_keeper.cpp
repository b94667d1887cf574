#include "daemon/mapping_keeper.hpp"

#include "core/base/log.hpp"
#include "daemon/mapping_log.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <ranges>
#include <utility>

namespace arngate {

namespace {

/// How long a source that was dropped stays at least while new ones were not read: nobody is refused in between.
constexpr std::chrono::milliseconds least_switch_patience{10'000};

template <class Value>
void make_earlier(std::optional<Value>& earliest, const std::optional<Value>& other) {
    if (other && (!earliest || *other < *earliest)) {
        earliest = other;
    }
}

}  // namespace

MappingKeeper::MappingKeeper(
    Options options,
    const Clock& clock,
    MappingMetrics& metrics,
    const MappingCopies* copies,
    Factory factory,
    std::function<void()> soon,
    std::function<void(Update)> publish
)
    : options_(std::move(options)),
      clock_(clock),
      metrics_(metrics),
      copies_(copies),
      factory_(std::move(factory)),
      soon_(std::move(soon)),
      publish_(std::move(publish)),
      copy_writer_(copies) {}

MappingKeeper::~MappingKeeper() = default;

std::unique_ptr<MappingKeeper::Slot> MappingKeeper::make_slot(MappingSource source, std::string name) {
    auto slot = std::make_unique<Slot>(std::move(source), std::move(name), options_.grace);
    restore(*slot);
    slot->was_whole = slot->state.is_whole();
    metrics_.show(slot->name, slot->state);
    return slot;
}

void MappingKeeper::start(Slot& slot) {
    slot.origin.source->start([this, &slot](Report report) { take(slot, std::move(report)); });
}

void MappingKeeper::restore(Slot& slot) {
    if (copies_ == nullptr || slot.origin.place.empty()) {
        return;
    }
    auto copy = copies_->load(slot.name, slot.origin.place);
    if (!copy) {
        log::warning("a kept mapping is not used", {{"source", slot.name}, {"error", copy.error()}});
        return;
    }
    if (!*copy) {
        return;
    }
    std::optional<mapping::SourceRules> rules = std::move((*copy)->rules);
    if (slot.origin.adapt) {
        rules = slot.origin.adapt(std::move(*rules));
    }
    if (!rules) {
        log::warning("a kept mapping is not used: it was read with other settings", {{"source", slot.name}});
        return;
    }
    rules->reserved_prefixes = reserved_for(slot);
    slot.state.restore(std::move(*rules), (*copy)->read_at);
    has_mapping_ = true;
    log::info(
        "the mapping that was read before is in force until the source is read",
        {{"source", slot.name},
         {"entries", slot.state.entries()},
         {"read", fmt::format("{:%FT%TZ}", std::chrono::floor<std::chrono::seconds>((*copy)->read_at))}}
    );
}

void MappingKeeper::set_last(MappingSource source) {
    std::string name(source.source->name());
    last_ = make_slot(std::move(source), std::move(name));
    start(*last_);
}

std::expected<std::map<std::string, MappingSource>, std::string> MappingKeeper::make_missing(
    const std::vector<std::string>& modes
) const {
    if (modes.empty()) {
        return std::unexpected("the list of backends is empty");
    }
    std::map<std::string, MappingSource> missing;
    std::set<std::string_view> named;
    for (const std::string& mode : modes) {
        if (!named.insert(mode).second) {
            return std::unexpected(fmt::format("the backend {} is named twice", mode));
        }
        if (std::ranges::find(slots_, mode, [](const auto& slot) { return slot->name; }) != slots_.end()) {
            continue;
        }
        MappingSource made = factory_(mode);
        if (made.source == nullptr) {
            return std::unexpected(fmt::format("there is no backend {}", mode));
        }
        missing.emplace(mode, std::move(made));
    }
    return missing;
}

std::expected<void, std::string> MappingKeeper::set_modes(const std::vector<std::string>& modes) {
    auto missing = make_missing(modes);
    if (!missing) {
        return std::unexpected(std::move(missing).error());
    }
    std::vector<std::unique_ptr<Slot>> next;
    std::vector<Slot*> fresh;
    for (const std::string& mode : modes) {
        if (const auto made = missing->find(mode); made != missing->end()) {
            next.push_back(make_slot(std::move(made->second), mode));
            fresh.push_back(next.back().get());
            continue;
        }
        const auto known =
            std::ranges::find_if(slots_, [&](const auto& slot) { return slot != nullptr && slot->name == mode; });
        (*known)->leaving = false;
        next.push_back(std::move(*known));
    }
    leaving_until_.reset();
    for (std::unique_ptr<Slot>& slot : slots_) {
        if (slot != nullptr) {
            leaving_until_ = clock_.steady() + std::max(options_.grace, least_switch_patience);
            slot->leaving = true;
            next.push_back(std::move(slot));
        }
    }
    slots_ = std::move(next);
    metrics_.show_modes(modes);
    for (Slot* slot : fresh) {
        start(*slot);
    }
    drop_leaving(clock_.steady());
    table_is_old_ = true;
    want_build();
    return {};
}

const std::vector<std::string>& MappingKeeper::reserved_for(const Slot& slot) const {
    static const std::vector<std::string> none;
    const auto found = options_.settings.reserved_prefixes.find(slot.name);
    return found == options_.settings.reserved_prefixes.end() ? none : found->second;
}

void MappingKeeper::apply(Reloaded settings) {
    const mapping::TableOptions& before = options_.settings.table;
    const mapping::TableOptions& after = settings.table;
    bool differs = before.accounts != after.accounts || before.strip_role_paths != after.strip_role_paths ||
                   before.reserve_account_names != after.reserve_account_names;
    options_.settings = std::move(settings);
    for (const auto& slot : slots_) {
        differs = slot->state.reserve(reserved_for(*slot)) || differs;
    }
    if (differs) {
        table_is_old_ = true;
        want_build();
    }
}

void MappingKeeper::refresh() {
    for (const auto& slot : slots_) {
        slot->origin.source->refresh();
    }
    if (last_ != nullptr) {
        last_->origin.source->refresh();
    }
}

void MappingKeeper::take(Slot& slot, Report report) {
    const bool first = !std::exchange(slot.reported, true);
    config::Problems problems;
    config::SourceState::Change change;
    const bool failed = !report.has_value();
    metrics_.count_reading(slot.name, failed);
    if (failed) {
        ++pending_.failures;
        problems = report.error().problems;
        if (first && slot.origin.must_start && !has_started_) {
            start_problems_.insert(start_problems_.end(), problems.begin(), problems.end());
        }
        if (report.error().partial) {
            report.error().partial->rules.reserved_prefixes = reserved_for(slot);
        }
        change = slot.state.take(std::move(report).error(), options_.scrubbed_accounts);
    } else {
        ++pending_.readings;
        log_problems(report->problems, log::Level::warning);
        report->rules.reserved_prefixes = reserved_for(slot);
        if (slot.name == "DynamicFile" && !report->missing) {
            metrics_.count_delay("dynamic_file", report->last_updated, clock_.wall());
        }
        change = slot.state.take(*std::move(report), clock_.steady(), clock_.wall(), options_.scrubbed_accounts);
    }
    if (change.status || failed) {
        const std::uint64_t generation = table_ == nullptr ? 0 : table_->generation();
        log_source_status(slot.name, slot.state, problems, {.generation = generation, .grace = options_.grace});
    }
    settle(slot, std::move(change));
    drop_leaving(clock_.steady());
    want_build();
}

void MappingKeeper::settle(Slot& slot, config::SourceState::Change change) {
    if (change.replaced != nullptr) {
        replaced_.push_back(std::move(change.replaced));
    }
    metrics_.show(slot.name, slot.state);
    has_mapping_ = has_mapping_ || slot.state.has_rules();
    const bool became_whole = slot.state.is_whole() && !std::exchange(slot.was_whole, true);
    if ((change.diff || became_whole) && slot.state.is_whole() && !slot.origin.place.empty()) {
        const WallTime read_at = slot.state.last_good().value_or(clock_.wall());
        copy_writer_.add(slot.name, {slot.origin.place, slot.state.rules(), read_at}, clock_.steady());
    }
    if (!change.diff) {
        return;
    }
    table_is_old_ = true;
    pending_.diff += *change.diff;
    if (std::ranges::find(pending_.sources, slot.name) == pending_.sources.end()) {
        pending_.sources.push_back(slot.name);
    }
}

void MappingKeeper::want_build() {
    if (!std::exchange(build_is_wanted_, true)) {
        soon_();
    }
}

void MappingKeeper::build(Patience patience) {
    build_is_wanted_ = false;
    gone_.clear();
    if (!has_started_ && patience == Patience::for_local_sources && !local_sources_reported()) {
        return;
    }
    Update update = std::exchange(pending_, {});
    if (table_is_old_) {
        table_is_old_ = false;
        std::vector<std::shared_ptr<const mapping::SourceRules>> sources;
        for (const auto& slot : slots_) {
            sources.push_back(slot->state.rules());
        }
        if (last_ != nullptr) {
            sources.push_back(last_->state.rules());
        }
        std::vector<mapping::TableWarning> warnings;
        const std::uint64_t generation = table_ == nullptr ? 1 : table_->generation() + 1;
        update.table = mapping::Table::build(sources, options_.settings.table, warnings, generation);
        retired_.replace(std::exchange(table_, update.table), *update.table, clock_.steady());
        warning_log_.write(warnings);
    }
    has_started_ = true;
    if (update.table != nullptr || update.readings + update.failures > 0) {
        publish_(std::move(update));
    }
    replaced_.clear();
}

void MappingKeeper::on_time() {
    const SteadyTime now = clock_.steady();
    const auto expire = [&](Slot& slot) {
        auto change = slot.state.expire(now, options_.scrubbed_accounts);
        if (change.status) {
            log::warning("the grace period of a source of mappings is over", {{"source", slot.name}});
            settle(slot, std::move(change));
            want_build();
        }
    };
    std::ranges::for_each(slots_, [&](const auto& slot) { expire(*slot); });
    if (last_ != nullptr) {
        expire(*last_);
    }
    drop_leaving(now);
    copy_writer_.on_time(now);
    retired_.on_time(now);
}

std::optional<SteadyTime> MappingKeeper::next_time() const {
    std::optional<SteadyTime> next = leaving_until_;
    for (const auto& slot : slots_) {
        make_earlier(next, slot->state.deadline());
    }
    if (last_ != nullptr) {
        make_earlier(next, last_->state.deadline());
    }
    make_earlier(next, copy_writer_.next_time());
    make_earlier(next, retired_.next_time());
    return next;
}

void MappingKeeper::drop_leaving(SteadyTime now) {
    if (!leaving_until_) {
        return;
    }
    const bool all_known =
        std::ranges::all_of(slots_, [](const auto& slot) { return slot->leaving || slot->state.has_rules(); });
    if (!all_known && now < *leaving_until_) {
        return;
    }
    leaving_until_.reset();
    for (std::unique_ptr<Slot>& slot : slots_) {
        if (slot->leaving) {
            slot->origin.source->stop();
            metrics_.hide(slot->name);
            log::info("a source of mappings is asked no more", {{"source", slot->name}});
            gone_.push_back(std::move(slot));
        }
    }
    std::erase(slots_, nullptr);
    table_is_old_ = true;
    want_build();
}

void MappingKeeper::stop() {
    for (const auto& slot : slots_) {
        slot->origin.source->stop();
    }
    if (last_ != nullptr) {
        last_->origin.source->stop();
    }
    copy_writer_.finish(clock_.steady());
}

bool MappingKeeper::local_sources_reported() const {
    const auto is_done = [](const auto& slot) { return slot->reported || !slot->origin.source->is_local(); };
    return std::ranges::all_of(slots_, is_done) && (last_ == nullptr || is_done(last_));
}

std::vector<std::string> MappingKeeper::describe() const {
    std::vector<std::string> lines;
    const auto add = [&lines](const Slot& slot) {
        const config::SourceState& state = slot.state;
        std::string line = fmt::format(
            "source {}: {}, generation {}, entries {}, rejected {}",
            slot.name,
            name_of(state.status()),
            state.generation(),
            state.entries(),
            state.rejected()
        );
        if (const auto when = state.last_good()) {
            line += fmt::format(", last read {:%FT%TZ}", std::chrono::floor<std::chrono::seconds>(*when));
        }
        if (!state.last_error().empty()) {
            line += ", last error: " + state.last_error();
        }
        lines.push_back(std::move(line));
    };
    std::ranges::for_each(slots_, [&](const auto& slot) { add(*slot); });
    if (last_ != nullptr) {
        add(*last_);
    }
    return lines;
}

}  // namespace arngate
