#pragma once

#include "core/base/clock.hpp"
#include "core/mapping/table.hpp"

#include <memory>
#include <optional>
#include <vector>

namespace arngate {

/// Tables that others have taken the place of, each kept until no review holds it: so they are freed here, where that
/// may take its time, and not on a loop that serves. Gives memory back, too, when a big table has come or gone. Lives
/// on one loop, which calls `on_time` when `next_time` is there.
class RetiredTables {
public:
    /// `next` is in use from now on instead of `before`, which is null when it is the first.
    void replace(std::shared_ptr<const mapping::Table> before, const mapping::Table& next, SteadyTime now);
    /// Does what is due.
    void on_time(SteadyTime now);
    /// When `on_time` has something to do.
    [[nodiscard]] std::optional<SteadyTime> next_time() const;

private:
    std::vector<std::shared_ptr<const mapping::Table>> tables_;
    std::optional<SteadyTime> sweep_at_;
    std::optional<SteadyTime> trim_at_;
};

}  // namespace arngate
