#include "config/given.hpp"

#include "core/base/text.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace arngate::config {
namespace {

Node list_node(const Key& key, const std::vector<std::string>& values) {
    Node list;
    list.kind = Node::Kind::list;
    for (const std::string& value : values) {
        if (key.separator == 0) {
            list.items.push_back(text_node(value));
            continue;
        }
        for (const std::string_view piece : text::split(value, ','))
            list.items.push_back(text_node(std::string(piece)));
    }
    return list;
}

}  // namespace

const Override* GivenValues::find_override(std::string_view path) const {
    const auto found = std::ranges::find_if(request_.overrides, [&](const Override& candidate) {
        return text::iequals(candidate.key, path);
    });
    return found == request_.overrides.end() ? nullptr : &*found;
}

std::optional<Given> GivenValues::find(const Key& key) const {
    if (const Override* override = find_override(key.path)) {
        if (key.type == ValueType::text_list)
            return Given{list_node(key, override->values), override->source};
        return Given{text_node(override->values.empty() ? std::string() : override->values.back()), override->source};
    }
    if (key.flag_only)
        return std::nullopt;
    const Member* member = find_path(root_, key.path);
    if (member == nullptr || member->value.kind == Node::Kind::null)
        return std::nullopt;
    if (member->value.kind == Node::Kind::map && is_section(key.path))
        return std::nullopt;
    return Given{member->value, {}};
}

void GivenValues::complain(const Given& given, Position at, Report::Text text) const {
    if (given.source.empty()) {
        report_.problem(at, std::move(text));
    } else {
        report_.problem_from(given.source, std::move(text));
    }
}

void GivenValues::warn(const Given& given, Position at, Report::Text text) const {
    if (given.source.empty()) {
        report_.warning(at, std::move(text));
    } else {
        report_.warning_from(given.source, std::move(text));
    }
}

void GivenValues::complain_at(std::string_view path, std::string found, std::string expected, std::string advice)
    const {
    Report::Text text{std::string(path), std::move(found), std::move(expected), std::move(advice)};
    if (const auto place = find(*find_key(path))) {
        complain(*place, place->node.at, std::move(text));
    } else {
        report_.problem({}, std::move(text));
    }
}

}  // namespace arngate::config
