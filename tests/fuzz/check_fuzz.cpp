// Files that `arngate check` reads. The first byte chooses their kind.

#include "config/check/checker.hpp"
#include "config/check/diff.hpp"
#include "config/check/render.hpp"
#include "tests/fuzz/check.hpp"

#include <array>
#include <optional>
#include <span>
#include <string>

namespace {

using namespace arngate;
using config::check::Kind;
using fuzz::check;

constexpr auto kinds = std::to_array<std::optional<Kind>>(
    {std::nullopt,
     Kind::configuration,
     Kind::manifests,
     Kind::config_map_data,
     Kind::dynamic_file,
     Kind::dynamic_file_strict}
);

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) {
        return 0;
    }
    const config::check::Input input{"f", std::string(fuzz::text_of(data + 1, size - 1))};
    config::check::CheckOptions options;
    options.read.kind = kinds[data[0] % kinds.size()];
    const auto findings = config::check::check(std::span(&input, 1), options);
    for (const config::check::Finding& finding : findings) {
        check(config::check::find_rule(finding.rule) != nullptr);
        check(finding.file == "f");
        check(finding.at.line >= 0 && finding.at.column >= 0);
    }
    for (const char c : config::check::findings_as_text(findings)) {
        check(c == '\n' || static_cast<unsigned char>(c) >= 0x20);
    }
    check(config::check::findings_as_json(findings, 1).ends_with("}\n"));
    check(config::check::findings_as_sarif(findings).ends_with("}\n"));

    const auto side = [&] {
        return config::check::side_of(config::check::read(input, options.read), config::Profile::arngate);
    };
    check(config::check::changes_between(side(), side()).empty());
    static_cast<void>(config::check::changes_as_text(config::check::changes_between({}, side())));
    return 0;
}
