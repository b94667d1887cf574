#include "config/sources/dynamic_file_document.hpp"

#include "config/document.hpp"
#include "config/report.hpp"
#include "config/sources/json_places.hpp"
#include "core/base/text.hpp"

#include <fmt/format.h>
#include <simdjson.h>

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace arngate::config {
namespace {

using Json = simdjson::dom::element;
using JsonType = simdjson::dom::element_type;

std::string_view describe(const Json& value) {
    switch (value.type()) {
        case JsonType::ARRAY:
            return "a list";
        case JsonType::OBJECT:
            return "an object";
        case JsonType::STRING:
            return "text";
        case JsonType::BOOL:
            return "true or false";
        case JsonType::NULL_VALUE:
            return "null";
        default:
            return "a number";
    }
}

/// Reads values of one file into a report.
class Reader {
public:
    Reader(const std::string& file, std::string_view text) : report_(file), text_(text) {}

    [[nodiscard]] std::expected<DynamicFileDocument, Problems> read(DynamicFileKey key) {
        // Nothing is left of a file that is refused, so its lines are only looked for when it is read to the end.
        if (text_.size() > max_document_bytes) {
            report_.problem({}, {{}, "more than 64 MiB", "a file of 64 MiB at most", {}});
            return std::unexpected(report_.take_problems());
        }
        const simdjson::padded_string padded(text_);
        simdjson::dom::parser parser;
        Json root;
        auto error = parser.allocate(padded.size(), max_document_depth);
        if (error == simdjson::SUCCESS)
            error = parser.parse(padded).get(root);
        if (error != simdjson::SUCCESS) {
            report_.problem(
                {}, {{}, "text that is not one JSON value", "one JSON object", simdjson::error_message(error)}
            );
            return std::unexpected(report_.take_problems());
        }
        DynamicFileDocument document;
        document.rules.source = "DynamicFile";
        if (key == DynamicFileKey::user_id)
            document.rules.match = mapping::MatchBy::user_id;
        simdjson::dom::object members;
        if (root.get(members) == simdjson::SUCCESS) {
            places_ = places_of_items(text_);
            read_members(members, key, document);
        } else if (!root.is_null()) {
            report_.problem({}, {{}, std::string(describe(root)), "one JSON object", {}});
        }
        if (report_.failed())
            return std::unexpected(report_.take_problems());
        return document;
    }

private:
    /// A value and how it is called in messages.
    struct Value {
        Json json;
        std::string path;
        Position at;
    };
    struct Field {
        std::string_view key;
        std::optional<Value> value;  ///< nothing: missing or null
        std::size_t member = 0;      ///< its place in the object
    };

    void wrong(const Value& value, std::string expected) {
        report_.problem(value.at, {value.path, std::string(describe(value.json)), std::move(expected), {}});
    }

    /// Finds the members of these keys; one that is there twice is a problem.
    void find(const simdjson::dom::object& object, const std::string& path, Position at, std::span<Field> fields) {
        std::size_t member = 0;
        std::vector<bool> seen(fields.size(), false);
        for (const auto& [key, value] : object) {
            for (std::size_t i = 0; i < fields.size(); ++i) {
                if (!text::iequals(fields[i].key, key))
                    continue;
                std::string name =
                    path.empty() ? std::string(fields[i].key) : fmt::format("{}.{}", path, fields[i].key);
                if (seen[i]) {
                    report_.problem(at, {std::move(name), "the key twice", "each key once, in any letter case", {}});
                    continue;
                }
                seen[i] = true;
                fields[i].member = member;
                if (!value.is_null())
                    fields[i].value = Value{value, std::move(name), at};
            }
            ++member;
        }
    }

    [[nodiscard]] std::string read_text(const std::optional<Value>& value) {
        std::string_view text;
        if (value && value->json.get(text) != simdjson::SUCCESS)
            wrong(*value, "text");
        return std::string(text);
    }

    /// The items of a list, with the lines where they stand if it is one of the outermost object.
    [[nodiscard]] std::vector<Value> read_list(const std::optional<Value>& value, const std::vector<Position>* places) {
        std::vector<Value> items;
        simdjson::dom::array list;
        if (!value)
            return items;
        if (value->json.get(list) != simdjson::SUCCESS) {
            wrong(*value, "a list");
            return items;
        }
        for (const Json item : list) {
            const std::size_t index = items.size();
            const Position at = places != nullptr && index < places->size() ? (*places)[index] : value->at;
            items.push_back({item, fmt::format("{}[{}]", value->path, index), at});
        }
        return items;
    }

    [[nodiscard]] std::vector<std::string> read_texts(const std::vector<Value>& items) {
        std::vector<std::string> texts;
        texts.reserve(items.size());
        for (const Value& item : items)
            texts.push_back(read_text(item));
        return texts;
    }

    void read_members(const simdjson::dom::object& members, DynamicFileKey key, DynamicFileDocument& document) {
        std::array<Field, 5> fields{
            {{"Version", {}, 0},
             {"LastUpdatedDateTime", {}, 0},
             {"mapRoles", {}, 0},
             {"mapUsers", {}, 0},
             {"mapAccounts", {}, 0}}
        };
        find(members, {}, {}, fields);
        const auto items = [&](const Field& field) {
            return read_list(field.value, field.member < places_.size() ? &places_[field.member] : nullptr);
        };
        document.version = read_text(fields[0].value);
        document.last_updated = read_text(fields[1].value);
        document.rules.roles = read_rules(items(fields[2]), "rolearn", key);
        document.rules.users = read_rules(items(fields[3]), "userarn", key);
        document.rules.accounts = read_texts(items(fields[4]));
    }

    [[nodiscard]] std::vector<mapping::Rule> read_rules(
        const std::vector<Value>& entries, std::string_view arn_key, DynamicFileKey key
    ) {
        std::vector<mapping::Rule> rules;
        rules.reserve(entries.size());
        for (const Value& entry : entries)
            rules.push_back(read_rule(entry, arn_key, key));
        return rules;
    }

    [[nodiscard]] mapping::Rule read_rule(const Value& entry, std::string_view arn_key, DynamicFileKey key) {
        mapping::Rule rule;
        rule.origin = {report_.file(), entry.at.line, entry.at.column};
        simdjson::dom::object object;
        if (entry.json.get(object) != simdjson::SUCCESS) {
            wrong(entry, "an object");
            return rule;
        }
        std::array<Field, 5> fields{
            {{arn_key, {}, 0}, {"username", {}, 0}, {"groups", {}, 0}, {"userid", {}, 0}, {"sso", {}, 0}}
        };
        find(object, entry.path, entry.at, fields);
        rule.arn = read_text(fields[0].value);
        rule.username = read_text(fields[1].value);
        rule.groups = read_texts(read_list(fields[2].value, nullptr));
        rule.user_id = read_text(fields[3].value);
        if (const auto& sso = fields[4].value; sso && !sso->json.is_object())
            wrong(*sso, "an object");  // which nothing here is found by
        const bool by_id = key == DynamicFileKey::user_id;
        if ((by_id ? rule.user_id : rule.arn).empty()) {
            const std::string_view wanted = by_id ? "userid" : arn_key;
            report_.problem(
                entry.at, {entry.path, fmt::format("no {}", wanted), fmt::format("text under {}", wanted), {}}
            );
        }
        return rule;
    }

    Report report_;
    std::string_view text_;
    std::vector<std::vector<Position>> places_;
};

}  // namespace

std::expected<DynamicFileDocument, Problems> read_dynamic_file(
    const std::string& file, std::string_view text, DynamicFileKey key
) {
    return Reader(file, text).read(key);
}

}  // namespace arngate::config
