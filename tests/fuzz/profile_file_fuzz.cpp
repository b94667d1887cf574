// The shared AWS configuration and credentials files.

#include "core/credentials/profile_file.hpp"
#include "tests/fuzz/check.hpp"

#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace arngate;
    const std::string_view text = fuzz::text_of(data, size);
    for (const auto kind : {credentials::FileKind::config, credentials::FileKind::credentials}) {
        const auto file = credentials::ProfileFile::parse(text, "FILE", kind);
        if (!file) {
            fuzz::check(file.error().starts_with("FILE"));
            fuzz::check(file.error().find('\n') == std::string::npos);
            continue;
        }
        if (const credentials::Profile* profile = file->find("default")) {
            for (const auto& [name, property] : profile->properties) {
                fuzz::check(!name.empty());
                fuzz::check(property.line > 0);
            }
        }
    }
    return 0;
}
