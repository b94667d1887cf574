#include "config/sources/break_glass_file.hpp"

#include "config/document.hpp"
#include "config/mounted_file.hpp"
#include "config/report.hpp"
#include "config/rules.hpp"
#include "core/base/text.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace arngate::config {
namespace {

constexpr std::array<std::string_view, 3> keys{"maproles", "mapusers", "mapaccounts"};

}  // namespace

std::expected<SourceReading, Problems> read_break_glass(
    const std::string& file, std::string_view text, const Settings& settings
) {
    auto top = parse_document(file, text);
    if (!top)
        return std::unexpected(std::move(top.error()));
    Report report(file);
    if (top->kind != Node::Kind::map && top->kind != Node::Kind::null)
        report.problem(top->at, {.key = {}, .found = describe_node(*top), .expected = "a map", .advice = {}});
    for (const Member& member : top->members) {
        if (std::ranges::find(keys, text::to_lower(member.key)) == keys.end()) {
            report.problem(
                member.at,
                {.key = quote(member.key), .found = {}, .expected = "mapRoles, mapUsers or mapAccounts", .advice = {}}
            );
        }
    }
    // The reader of the configuration file looks for the lists in its section "server".
    Node root;
    root.kind = Node::Kind::map;
    root.members.push_back({"server", {}, *std::move(top)});
    SourceReading reading;
    reading.rules = effective_rules(
        read_rules(root, settings.mapping.strip_role_paths ? RolePaths::strip : RolePaths::keep, report), settings
    );
    if (report.failed())
        return std::unexpected(report.take_problems());
    reading.rules.source = break_glass_source;
    reading.rules.break_glass = true;
    reading.problems = report.take_warnings();
    return reading;
}

}  // namespace arngate::config
