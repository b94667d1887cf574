#include "config/unknown_keys.hpp"

#include "config/schema.hpp"
#include "core/base/text.hpp"

#include <fmt/format.h>

#include <string>
#include <string_view>

namespace arngate::config {
namespace {

void check_key(const Member& member, const std::string& path, const Key* key, Report& report) {
    if (key == nullptr) {
        const std::string_view nearest = nearest_key(path);
        report.warning(
            member.at,
            {path,
             "an unknown key, which is ignored",
             {},
             nearest.empty() ? std::string() : fmt::format("Did you mean {}?", nearest),
             "unknown-key"}
        );
    } else if (key->obsolete) {
        report.warning(
            member.at, {path, "an obsolete key, which is ignored", {}, std::string(key->description), "obsolete-key"}
        );
    } else if (key->flag_only) {
        report.warning(member.at, {path, "a key that is ignored in files", {}, fmt::format("Use {}.", key->flag)});
    }
}

void check_section(const Node& map, const std::string& section, Purpose purpose, Report& report) {
    for (const Member& member : map.members) {
        const std::string path = section.empty() ? member.key : section + "." + member.key;
        const Node& value = member.value;
        const Key* key = find_key(path);
        const bool below = is_section(path) && (key == nullptr || value.kind == Node::Kind::map);
        if (!below) {
            check_key(member, path, key, report);
        } else if (purpose == Purpose::client && !text::iequals(path, "sts")) {
            continue;
        } else if (value.kind == Node::Kind::map) {
            check_section(value, path, purpose, report);
        } else if (value.kind != Node::Kind::null) {
            report.problem(value.at, {path, describe_node(value), "a map of keys", {}});
        }
    }
}

}  // namespace

void check_keys(const Node& root, Purpose purpose, Report& report) {
    check_section(root, {}, purpose, report);
}

}  // namespace arngate::config
