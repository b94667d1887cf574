// The file of server.dynamicBackendModePath.

#include "config/backends.hpp"
#include "config/sources/backend_mode_document.hpp"
#include "tests/fuzz/check.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using arngate::fuzz::check;
    const auto document = arngate::config::read_backend_modes("m.json", arngate::fuzz::text_of(data, size));
    if (!document) {
        check(!document.error().empty());
        for (const auto& problem : document.error())
            check(problem.text().find('\n') == std::string::npos);
        return 0;
    }
    check(!document->modes.empty() && document->modes.size() <= 4);
    for (const std::string& mode : document->modes)
        check(arngate::config::is_backend_name(mode));
    return 0;
}
