#include "config/entry_reader.hpp"

#include "config/schema.hpp"
#include "config/text_form.hpp"
#include "config/value.hpp"
#include "core/base/text.hpp"

#include <algorithm>

namespace arngate::config {

const Node* EntryReader::value(std::string_view field) const {
    const Member* member = entry_.find(field);
    return member == nullptr || member->value.kind == Node::Kind::null ? nullptr : &member->value;
}

bool EntryReader::has(std::string_view field) const {
    const Node* node = value(field);
    return node != nullptr && !(node->is_scalar() && node->text.empty());
}

Position EntryReader::place(std::string_view field) const {
    const Node* node = value(field);
    return node == nullptr ? entry_.at : node->at;
}

std::string EntryReader::found(std::string_view field) const {
    const Node* node = value(field);
    return node == nullptr ? std::string("nothing") : describe_node(*node);
}

std::string EntryReader::text(std::string_view field) const {
    const Node* node = value(field);
    if (node == nullptr)
        return {};
    return scalar(*node, field).value_or(std::string());
}

std::vector<std::string> EntryReader::list(std::string_view field) const {
    std::vector<std::string> out;
    const Node* node = value(field);
    if (node == nullptr)
        return out;
    if (node->kind == Node::Kind::list) {
        out.reserve(node->items.size());
        for (const Node& item : node->items) {
            if (auto text = scalar(item, field))
                out.push_back(*std::move(text));
        }
    } else if (auto text = scalar(*node, field)) {
        out = split_list(*text, ',');
    }
    for (const std::string& item : out) {
        if (item.empty() || text::trim(item) != item) {
            report_.warning(
                node->at,
                {path(field), quote(item), "a name without blanks around it", "Blanks are part of the name.", "odd-name"
                }
            );
        }
    }
    return out;
}

void EntryReader::check_fields(std::span<const std::string_view> known) const {
    warn_of_unknown_keys(entry_, [this](std::string_view key) { return path(key); }, known, report_);
}

/// Booleans become "1" and "0" in entries, as the Go server's decoder has it.
std::optional<std::string> EntryReader::scalar(const Node& node, std::string_view field) const {
    if (node.kind == Node::Kind::list || node.kind == Node::Kind::map) {
        report_.problem(node.at, {path(field), describe_node(node), "text", {}});
        return std::nullopt;
    }
    if (node.kind != Node::Kind::boolean) {
        std::string text = scalar_text(node);
        if (!has_form(text, TextForm::any)) {
            report_.problem(node.at, {path(field), quote(text), "text without control characters", {}});
            return std::nullopt;
        }
        return text;
    }
    std::string text = node.text == "true" ? "1" : "0";
    report_.warning(
        node.at,
        {path(field), quote(node.text), "text", fmt::format("It is read as \"{}\"; put the text in quotes.", text)}
    );
    return text;
}

void warn_of_unknown_keys(
    const Node& map,
    const std::function<std::string(std::string_view key)>& path_of,
    std::span<const std::string_view> known,
    Report& report
) {
    for (const Member& member : map.members) {
        const auto same = [&](std::string_view name) { return text::iequals(name, member.key); };
        if (std::ranges::any_of(known, same))
            continue;
        const std::string_view nearest = nearest_word(member.key, known);
        report.warning(
            member.at,
            {path_of(member.key),
             "an unknown key, which is ignored",
             {},
             nearest.empty() ? std::string() : fmt::format("Did you mean {}?", nearest),
             "unknown-key"}
        );
    }
}

void for_each_map(
    const Node& list,
    std::string_view path,
    Report& report,
    const std::function<void(const Node& map, std::size_t index)>& read
) {
    for (std::size_t i = 0; i < list.items.size(); ++i) {
        const Node& item = list.items[i];
        if (item.kind == Node::Kind::map) {
            read(item, i);
        } else {
            report.problem(
                item.at, {fmt::format("{}[{}]", path, i), describe_node(item), "an entry, which is a map of keys", {}}
            );
        }
    }
}

void for_each_entry(
    const Node& root, std::string_view key, Report& report, const std::function<void(const EntryReader&)>& read
) {
    const Member* member = find_path(root, key);
    if (member == nullptr || member->value.kind == Node::Kind::null)
        return;
    const Node& value = member->value;
    if (value.kind == Node::Kind::map) {
        read(EntryReader(value, key, 0, report));
        return;
    }
    if (value.kind != Node::Kind::list) {
        report.problem(value.at, {std::string(key), describe_node(value), "a list of entries", {}});
        return;
    }
    for_each_map(value, key, report, [&](const Node& map, std::size_t index) {
        read(EntryReader(map, key, index, report));
    });
}

void consume_entries(
    Node& root, std::string_view key, Report& report, const std::function<void(const EntryReader&)>& read
) {
    Member* member = find_path(root, key);
    if (member == nullptr || member->value.kind != Node::Kind::list) {
        for_each_entry(root, key, report, read);
        return;
    }
    for_each_map(member->value, key, report, [&](const Node& map, std::size_t index) {
        read(EntryReader(map, key, index, report));
        member->value.items[index] = Node();
    });
}

}  // namespace arngate::config
