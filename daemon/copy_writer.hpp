#pragma once

#include "core/base/clock.hpp"
#include "core/mapping/rule.hpp"
#include "daemon/mapping_copies.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string>

namespace arngate {

/// Writes copies of what sources have said, those that have changed together and once a second at most: a document that
/// changes all the time wears no disk out. Logs what cannot be written, once for each source and reason. Lives on one
/// loop, which calls `on_time` when `next_time` is there.
class CopyWriter {
public:
    /// What a source has said; `place` as MappingCopies has it.
    struct Copy {
        std::string place;
        std::shared_ptr<const mapping::SourceRules> rules;  ///< never null
        WallTime read_at;
    };

    /// `copies` must outlive the writer; null: none are kept.
    explicit CopyWriter(const MappingCopies* copies) noexcept : copies_(copies) {}

    /// Takes the place of what the same source has said before.
    void add(const std::string& source, Copy copy, SteadyTime now);
    /// Writes if it is time.
    void on_time(SteadyTime now);
    /// Writes what is still to be written, time or not.
    void finish(SteadyTime now);
    /// When `on_time` has something to do.
    [[nodiscard]] std::optional<SteadyTime> next_time() const noexcept { return due_at_; }

private:
    void write(const std::string& source, const Copy& copy);

    const MappingCopies* copies_;
    std::map<std::string, Copy> due_;
    std::map<std::string, std::string> errors_;  ///< of the last writing, by source
    std::optional<SteadyTime> due_at_;
    std::optional<SteadyTime> written_at_;
};

}  // namespace arngate
