// The short way to read YAML against the long one.

#include "config/plain_yaml.hpp"
#include "config/yaml_document.hpp"
#include "tests/fuzz/check.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace {

using arngate::config::Node;

bool same_place(arngate::config::Position a, arngate::config::Position b) {
    return a.line == b.line && a.column == b.column;
}

bool same(const Node& a, const Node& b) {
    if (a.kind != b.kind || !same_place(a.at, b.at) || a.text != b.text || a.written != b.written ||
        a.items.size() != b.items.size() || a.members.size() != b.members.size()) {
        return false;
    }
    for (std::size_t i = 0; i < a.items.size(); ++i) {
        if (!same(a.items[i], b.items[i]))
            return false;
    }
    for (std::size_t i = 0; i < a.members.size(); ++i) {
        if (a.members[i].key != b.members[i].key || !same_place(a.members[i].at, b.members[i].at) ||
            !same(a.members[i].value, b.members[i].value)) {
            return false;
        }
    }
    return true;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using arngate::config::YamlDialect;
    const std::string_view text = arngate::fuzz::text_of(data, size);
    for (const YamlDialect dialect : {YamlDialect::configuration, YamlDialect::kubernetes}) {
        const auto node = arngate::config::read_plain_yaml(text, dialect);
        if (!node)
            continue;
        const auto wanted = arngate::config::read_yaml(text, dialect);
        arngate::fuzz::check(wanted.has_value() && same(*node, *wanted));
    }
    return 0;
}
