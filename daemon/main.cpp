#include "core/base/clock.hpp"
#include "core/base/log.hpp"
#include "daemon/application.hpp"
#include "daemon/cli/run.hpp"

#include <cstdlib>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

namespace {

int serve(const arngate::config::LoadRequest& request, arngate::config::Loaded loaded, const arngate::Clock& clock) {
    using namespace arngate;
    log::configure({loaded.settings.log.level, loaded.settings.log.format, log::Delivery::background});
    Application application(request, std::move(loaded), clock);
    return application.run(std::cout);
}

}  // namespace

int main(int argc, char** argv) {
    const std::vector<std::string> arguments(argv, argv + argc);
    const arngate::SystemClock clock;
    const arngate::cli::Surroundings surroundings{
        [](const char* name) -> const char* { return std::getenv(name); }, std::cout, std::cerr, clock
    };
    return arngate::cli::run(
        arguments,
        surroundings,
        [&clock](const arngate::config::LoadRequest& request, arngate::config::Loaded loaded) {
            return serve(request, std::move(loaded), clock);
        }
    );
}
