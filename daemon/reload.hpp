#pragma once

#include "config/load.hpp"
#include "core/mapping/table.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace arngate {

/// Reads the configuration again on a thread of its own, so that a slow disk holds nobody up. One at a time: what is
/// asked for while one runs is done once more after it, since the file may have changed after it was read.
class Reload {
public:
    struct Outcome {
        std::shared_ptr<const mapping::Table> table;  ///< null: it could not be used
        std::vector<std::string> problems;            ///< why, for the log
        std::vector<std::string> warnings;            ///< of what was read, and what of it needs a restart
    };
    using Done = std::function<void(Outcome)>;

    /// `executor` is where `start` is called and `done` comes back. `running` is what the process was started with:
    /// changes against it that act only at a start are warned of at each reload.
    Reload(boost::asio::any_io_executor executor, config::LoadRequest request, config::EffectiveValues running);
    Reload(const Reload&) = delete;
    Reload& operator=(const Reload&) = delete;
    ~Reload();

    /// `generation` numbers the table that comes of it.
    void start(std::uint64_t generation, Done done);
    /// Waits for the thread. `done` may be called no more afterwards.
    void join();

private:
    void finished(std::uint64_t generation, const Done& done, Outcome outcome);

    boost::asio::any_io_executor executor_;
    config::LoadRequest request_;
    config::EffectiveValues running_values_;
    std::thread thread_;
    bool running_ = false;
    bool again_ = false;
};

}  // namespace arngate
