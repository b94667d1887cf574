// A kubeconfig: of the context that it names, and of another.

#include "config/kubeconfig.hpp"
#include "tests/fuzz/check.hpp"

#include <string>

namespace {

using namespace arngate;
using fuzz::check;

// No file is there that a text could name by a relative path.
constexpr const char* file = "/nonexistent/kubeconfig";

void try_context(std::string_view text, const std::string& context) {
    const auto access = config::parse_kubeconfig(text, {file, context, {}});
    if (!access) {
        check(access.error().starts_with(file));
        check(access.error().find('\n') == std::string::npos);
        return;
    }
    check(!access->server.host.empty() && access->server.port != 0);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text = fuzz::text_of(data, size);
    try_context(text, {});
    try_context(text, "other");
    return 0;
}
