// What a credential process prints.

#include "core/credentials/process_source.hpp"
#include "tests/fuzz/check.hpp"

#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace arngate;
    using fuzz::check;
    const auto credentials = credentials::parse_process_output(Secret(fuzz::text_of(data, size)));
    if (!credentials) {
        check(!credentials.error().empty() && credentials.error().size() <= 80);
        return 0;
    }
    check(!credentials->access_key_id.empty() && !credentials->secret_access_key.empty());
    return 0;
}
