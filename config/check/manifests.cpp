#include "config/check/manifests.hpp"

#include "config/check/configuration.hpp"
#include "config/check/kind.hpp"
#include "config/check/problem_finding.hpp"
#include "config/check/scalar_places.hpp"
#include "config/json_document.hpp"
#include "config/sources/config_map_document.hpp"
#include "config/sources/crd_document.hpp"
#include "config/yaml_document.hpp"
#include "core/base/text.hpp"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace arngate::config::check {
namespace {

constexpr auto parts = std::to_array<std::string_view>({"mapRoles", "mapUsers", "mapAccounts"});

/// The last of equal keys, which is the one that an API server keeps.
const Node* value_of(const Node& map, std::string_view key) {
    const Node* found = nullptr;
    for (const Member& member : map.members) {
        if (member.key == key)
            found = &member.value;
    }
    return found == nullptr || found->kind == Node::Kind::null ? nullptr : found;
}

std::string_view text_of(const Node& map, std::string_view key) {
    const Node* value = value_of(map, key);
    return value != nullptr && value->kind == Node::Kind::text ? std::string_view(value->text) : std::string_view();
}

/// Reads objects of one file.
class Reader {
public:
    Reader(const Input& input, const ReadOptions& options, Reading& reading)
        : input_(input), options_(options), lines_(input.text), reading_(reading) {}

    /// The documents of the file, none if it is not YAML.
    [[nodiscard]] std::vector<Node> documents() {
        auto documents = read_yaml_documents(input_.text, YamlDialect::kubernetes);
        if (documents)
            return *std::move(documents);
        Problem problem;
        problem.file = input_.name;
        problem.line = documents.error().at.line;
        problem.column = documents.error().at.column;
        problem.found = std::move(documents.error().found);
        problem.advice = std::move(documents.error().advice);
        reading_.findings.push_back(finding_of(problem, "syntax", Standing::refused));
        return {};
    }

    void read_object(const Node& object) {
        if (object.kind != Node::Kind::map)
            return;
        const std::string_view kind = text_of(object, "kind");
        const Node* items = value_of(object, "items");
        if (kind.ends_with("List") && items != nullptr && items->kind == Node::Kind::list) {
            for (const Node& item : items->items)
                read_object(item);
        } else if (kind == "ConfigMap" && text_of(object, "apiVersion") == "v1") {
            read_config_map_object(object);
        } else if (kind == "IAMIdentityMapping" &&
                   text_of(object, "apiVersion").starts_with("iamauthenticator.k8s.aws/")) {
            read_identity_mapping_object(object);
        }
    }

    /// All IAMIdentityMapping of the file are one mapping.
    void take_identity_mappings() {
        if (mappings_.empty())
            return;
        CrdDocument document = rules_of(mappings_);
        for (Problem& problem : document.problems) {
            const Position at = place_in_mapping(problem.file, problem.key);
            problem.file = input_.name;
            problem.line = at.line;
            problem.column = at.column;
            reading_.findings.push_back(finding_of(problem, "rejected-entry", Standing::refused));
        }
        for (auto* list : {&document.rules.roles, &document.rules.users}) {
            for (mapping::Rule& rule : *list) {
                const Position at = place_in_mapping(rule.origin.file, {});
                rule.origin = {input_.name, at.line, at.column};
            }
        }
        reading_.sources.push_back(std::move(document.rules));
    }

    void read_data(const Node& data) {
        check_keys(data);
        ConfigMapData texts;
        std::map<std::string_view, const Node*> scalars;
        for (const std::string_view part : parts) {
            const Node* value = value_of(data, part);
            if (value == nullptr)
                continue;
            if (value->kind != Node::Kind::text) {
                add("config-map-value",
                    value->at,
                    fmt::format("data.{}: found {}, expected text", part, describe_node(*value)));
                continue;
            }
            texts.emplace(part, value->text);
            scalars.emplace(part, value);
        }
        take(read_config_map(texts), scalars, data.at);
    }

private:
    void read_identity_mapping_object(const Node& object) {
        const Node* metadata = value_of(object, "metadata");
        const std::string name(metadata == nullptr ? std::string_view() : text_of(*metadata, "name"));
        if (name.empty()) {
            add("rejected-entry", object.at, "metadata.name: found nothing, expected the name of the object");
            return;
        }
        const auto [other, is_new] = mapping_nodes_.try_emplace("iamidentitymappings/" + name, object);
        if (!is_new) {
            add("duplicate", object.at, fmt::format("the object of line {} has the same name", other->second.at.line));
            return;
        }
        // The reader takes what a parser of JSON holds, as it comes from an API server.
        const simdjson::padded_string json(write_json(object));
        simdjson::dom::parser parser;
        simdjson::dom::object parsed;
        if (parser.parse(json).get(parsed) != simdjson::SUCCESS) {
            add("syntax", object.at, "an object that JSON cannot hold");
            return;
        }
        mappings_.emplace(name, read_identity_mapping({name, {}, {}, parsed}));
    }

    /// Where the field of an object stands, or the object itself.
    [[nodiscard]] Position place_in_mapping(const std::string& file, std::string_view key) const {
        const auto found = mapping_nodes_.find(file);
        if (found == mapping_nodes_.end())
            return {};
        const Member* member = key.empty() ? nullptr : find_path(found->second, key);
        return member == nullptr ? found->second.at : member->value.at;
    }

    void read_config_map_object(const Node& object) {
        const Node* data = value_of(object, "data");
        const Node* metadata = value_of(object, "metadata");
        const bool is_named = metadata != nullptr && text_of(*metadata, "name") == "aws-auth";
        const bool has_mapping = data != nullptr && std::ranges::any_of(data->members, [](const Member& member) {
                                     return std::ranges::any_of(parts, [&](std::string_view part) {
                                         return text::iequals(part, member.key);
                                     });
                                 });
        if (!is_named && !has_mapping) {
            if (data != nullptr)
                read_configurations(*data);
        } else if (data == nullptr) {
            add("no-entries", object.at, "ConfigMap aws-auth has no data");
        } else if (data->kind != Node::Kind::map) {
            add("config-map-value",
                data->at,
                fmt::format("data: found {}, expected a map of texts", describe_node(*data)));
        } else {
            read_data(*data);
        }
    }

    /// Values that are configurations, as the volume of a server has them.
    void read_configurations(const Node& data) {
        for (const Member& member : data.members) {
            const Node& value = member.value;
            if (value.kind != Node::Kind::text || !is_own_configuration(member.key, value.text))
                continue;
            const ScalarPlaces places(input_.text, lines_, value.at, value.text);
            read_configuration(
                {.file = input_.name,
                 .name = member.key,
                 .text = value.text,
                 .place_in_file = [&places](Position in_value) { return places.in_file(in_value); }},
                options_,
                reading_
            );
            // Of several servers none has the settings of another.
            if (++configurations_ > 1)
                reading_.settings.reset();
        }
    }

    void check_keys(const Node& data) {
        for (const Member& member : data.members) {
            for (const std::string_view part : parts) {
                if (member.key != part && text::iequals(member.key, part)) {
                    add("unknown-key",
                        member.at,
                        fmt::format(
                            "data.{}: found an unknown key, which is ignored. Did you mean {}?", member.key, part
                        ));
                }
            }
        }
        std::map<std::string_view, Position> seen;
        for (const Member& member : data.members) {
            const auto [other, is_new] = seen.try_emplace(member.key, member.at);
            if (!is_new) {
                add("duplicate-key",
                    member.at,
                    fmt::format(
                        "data.{}: found the key of line {} again, expected each key once",
                        member.key,
                        other->second.line
                    ));
            }
        }
    }

    /// Problems and entries of the values, at their places in the file.
    void take(ConfigMapDocument document, const std::map<std::string_view, const Node*>& scalars, Position at_data) {
        std::map<std::string_view, ScalarPlaces> places;
        for (const auto& [part, node] : scalars)
            places.try_emplace(part, input_.text, lines_, node->at, node->text);
        const auto place = [&](std::string_view file, Position inner) {
            const auto found = places.find(file.substr(file.rfind(' ') + 1));
            return found == places.end() ? Position{} : found->second.in_file(inner);
        };
        const auto report = [&](Problems& problems, std::string_view rule, Standing standing) {
            for (Problem& problem : problems) {
                const Position at = place(problem.file, {problem.line, problem.column});
                problem.file = input_.name;
                problem.line = at.line;
                problem.column = at.column;
                // A value that is no YAML is a problem of that value alone, and names no entry in it.
                const bool is_whole = problem.key.find('[') == std::string::npos;
                reading_.findings.push_back(finding_of(problem, is_whole ? "syntax" : rule, standing));
            }
        };
        report(document.problems, "rejected-entry", Standing::refused);
        report(document.warnings, "doubtful-value", Standing::taken);
        for (auto* list : {&document.rules.roles, &document.rules.users}) {
            for (mapping::Rule& rule : *list) {
                const Position at = place(rule.origin.file, {rule.origin.line, rule.origin.column});
                rule.origin = {input_.name, at.line, at.column};
            }
        }
        const mapping::SourceRules& rules = document.rules;
        if (rules.roles.empty() && rules.users.empty() && rules.accounts.empty() && document.problems.empty())
            add("no-entries", at_data, "the ConfigMap maps nobody");
        reading_.sources.push_back(std::move(document.rules));
    }

    void add(std::string_view rule, Position at, std::string message) {
        reading_.findings.push_back(make_finding(rule, input_.name, at, std::move(message)));
    }

    const Input& input_;
    const ReadOptions& options_;
    Lines lines_;
    Reading& reading_;
    std::size_t configurations_ = 0;
    IdentityMappings mappings_;
    std::map<std::string, Node, std::less<>> mapping_nodes_;  ///< by "iamidentitymappings/<name>"
};

}  // namespace

void read_manifests(const Input& input, const ReadOptions& options, Reading& reading) {
    Reader reader(input, options, reading);
    for (const Node& document : reader.documents())
        reader.read_object(document);
    reader.take_identity_mappings();
}

void read_config_map_data(const Input& input, const ReadOptions& options, Reading& reading) {
    Reader reader(input, options, reading);
    for (const Node& document : reader.documents()) {
        if (document.kind == Node::Kind::map) {
            reader.read_data(document);
        } else {
            reading.findings.push_back(make_finding(
                "syntax",
                input.name,
                document.at,
                fmt::format("found {}, expected a map of texts", describe_node(document))
            ));
        }
    }
}

}  // namespace arngate::config::check
