#pragma once

#include "config/chain/mapping_diff.hpp"
#include "config/chain/source_state.hpp"
#include "config/sources/source.hpp"
#include "core/base/clock.hpp"
#include "core/mapping/table.hpp"
#include "daemon/copy_writer.hpp"
#include "daemon/mapping_copies.hpp"
#include "daemon/mapping_log.hpp"
#include "daemon/mapping_metrics.hpp"
#include "daemon/retired_tables.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace arngate {

/// One source as the service that asks for it made it.
struct MappingSource {
    std::unique_ptr<config::Source> source;
    bool must_start = false;  ///< a failure at the start of the process ends it: an operator's own file
    /// What its copy is of, e.g. cluster and document; empty: none is kept.
    std::string place{};
    /// Makes kept rules fit the settings of today; nothing: they do not fit. May be empty.
    std::function<std::optional<mapping::SourceRules>(mapping::SourceRules)> adapt{};
};

/// The sources of mappings and what of them is in force. Turns their reports into tables: those that come together
/// become one. Has no thread and no timer of its own: lives on the mapping loop, where a service calls it, and says
/// when it wants to be called. Everything that takes long (compiling, comparing, writing copies, freeing) happens here
/// and so never on a loop that serves.
class MappingKeeper {
public:
    /// What has become of the mapping.
    struct Update {
        std::shared_ptr<const mapping::Table> table;  ///< null: the mapping in use stays
        config::MappingDiff diff;
        std::vector<std::string> sources;  ///< those that have changed
        std::size_t readings = 0;          ///< reports since the last update
        std::size_t failures = 0;
    };
    /// What of the configuration acts at once when its file has changed.
    struct Reloaded {
        mapping::TableOptions table;
        /// By source: usernames that it may not give. Replace those that a reading has.
        std::map<std::string, std::vector<std::string>> reserved_prefixes;
    };
    struct Options {
        Reloaded settings{};
        std::chrono::milliseconds grace{0};
        std::vector<std::string> scrubbed_accounts{};
    };
    /// The source of a name of server.backendMode; null when there is none of that name.
    using Factory = std::function<MappingSource(std::string_view name)>;

    /// `soon` has `build` called once, after what the loop has to do already. `publish` takes each update; both are
    /// called on the loop. `copies` may be null. References outlive the keeper.
    MappingKeeper(
        Options options,
        const Clock& clock,
        MappingMetrics& metrics,
        const MappingCopies* copies,
        Factory factory,
        std::function<void()> soon,
        std::function<void(Update)> publish
    );
    MappingKeeper(const MappingKeeper&) = delete;
    MappingKeeper& operator=(const MappingKeeper&) = delete;
    ~MappingKeeper();

    /// A source that is asked after those of all modes, whatever they are. Before `set_modes`.
    void set_last(MappingSource source);
    /// Asks these sources from now on, in this order. A source of before that is not among them stays, behind them,
    /// until each new one has told something, for the grace period or 10 s, whichever is longer. Fails, and changes
    /// nothing, for an empty list, a name without source, or a name twice.
    [[nodiscard]] std::expected<void, std::string> set_modes(const std::vector<std::string>& modes);
    void apply(Reloaded settings);
    /// Has all sources read again.
    void refresh();
    enum class Patience : std::uint8_t { for_local_sources, none };
    /// Builds a table if anything has changed since the last one. The first one waits, unless there is no patience any
    /// more, for every source that needs no network.
    void build(Patience patience = Patience::for_local_sources);
    /// Does what is due: ends grace periods, writes copies, frees what nobody uses.
    void on_time();
    /// When `on_time` has something to do.
    [[nodiscard]] std::optional<SteadyTime> next_time() const;
    /// Writes copies that are due and stops the sources.
    void stop();

    /// Of sources without which the process does not start; empty when all is well.
    [[nodiscard]] const config::Problems& start_problems() const noexcept { return start_problems_; }
    /// Whether any source has told anything that can be used. Stays true.
    [[nodiscard]] bool has_mapping() const noexcept { return has_mapping_; }
    /// One line a source, for people.
    [[nodiscard]] std::vector<std::string> describe() const;

private:
    struct Slot {
        Slot(MappingSource used, std::string named, std::chrono::milliseconds grace)
            : origin(std::move(used)), name(std::move(named)), state(grace) {}
        MappingSource origin;
        std::string name;
        config::SourceState state;
        bool reported = false;
        bool leaving = false;
        bool was_whole = false;  ///< its state, once: what is whole stays so
    };
    using Report = std::expected<config::SourceReading, config::SourceFailure>;

    /// What the factory makes of the modes that are not asked yet, by their names; fails as `set_modes` does.
    [[nodiscard]] std::expected<std::map<std::string, MappingSource>, std::string> make_missing(
        const std::vector<std::string>& modes
    ) const;
    [[nodiscard]] std::unique_ptr<Slot> make_slot(MappingSource source, std::string name);
    void start(Slot& slot);
    void restore(Slot& slot);
    [[nodiscard]] const std::vector<std::string>& reserved_for(const Slot& slot) const;
    void take(Slot& slot, Report report);
    void settle(Slot& slot, config::SourceState::Change change);
    void want_build();
    [[nodiscard]] bool local_sources_reported() const;
    void drop_leaving(SteadyTime now);

    Options options_;
    const Clock& clock_;
    MappingMetrics& metrics_;
    const MappingCopies* copies_;
    Factory factory_;
    std::function<void()> soon_;
    std::function<void(Update)> publish_;

    std::vector<std::unique_ptr<Slot>> slots_;  ///< in the order asked
    std::unique_ptr<Slot> last_;
    std::vector<std::unique_ptr<Slot>> gone_;  ///< stopped; freed when none of their callbacks runs any more
    std::optional<SteadyTime> leaving_until_;

    Update pending_;
    bool build_is_wanted_ = false;
    bool table_is_old_ = true;
    std::shared_ptr<const mapping::Table> table_;
    RetiredTables retired_;
    std::vector<std::shared_ptr<const mapping::SourceRules>> replaced_;  ///< freed when the new table is in use
    TableWarningLog warning_log_;
    bool has_mapping_ = false;
    bool has_started_ = false;
    config::Problems start_problems_;
    CopyWriter copy_writer_;
};

}  // namespace arngate
