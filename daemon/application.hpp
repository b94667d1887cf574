#pragma once

#include "config/load.hpp"
#include "core/base/clock.hpp"

#include <iosfwd>
#include <memory>

namespace arngate {

/// The server: turns settings into objects, runs the loops, reacts to signals. The composition root; nothing else knows
/// all the parts.
///
/// SIGTERM and SIGINT: not ready, accept no more, finish what runs within server.drainTimeout, end with 0; a second one
/// ends the process with 1 at once. During the start: end with 0 at once, however many come. SIGHUP: read every source
/// of mappings again, the configuration file among them; of one that cannot be used what it said before stays. SIGPIPE
/// is ignored.
class Application {
public:
    /// `request` is what `loaded` came from. `clock` outlives the application.
    Application(config::LoadRequest request, config::Loaded loaded, const Clock& clock);
    Application(const Application&) = delete;
    Application& operator=(const Application&) = delete;
    ~Application();

    /// Starts, serves until a signal ends it, and gives the exit status: 1 when it could not start, after a line in the
    /// log. `out` gets the version line that the Go server prints, in the profile `reference`. Called once. Where a
    /// source of mappings hangs, as a file of a file system that does not answer, all else ends as it would, and then
    /// the process, with that status, instead of a return.
    [[nodiscard]] int run(std::ostream& out);

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace arngate
