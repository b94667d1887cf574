#include "config/json_document.hpp"

#include "core/base/json_text.hpp"

#include <fmt/format.h>
#include <simdjson.h>

#include <cstddef>
#include <utility>

namespace arngate::config {
namespace {

namespace dom = simdjson::dom;

/// False when the value is nested too deeply.
bool convert(const dom::element& value, std::size_t depth, Node& out) {
    if (depth > max_document_depth)
        return false;
    switch (value.type()) {
        case dom::element_type::OBJECT:
            out.kind = Node::Kind::map;
            for (const auto& field : dom::object(value)) {
                Member member;
                member.key = field.key;
                if (!convert(field.value, depth + 1, member.value))
                    return false;
                out.members.push_back(std::move(member));
            }
            return true;
        case dom::element_type::ARRAY:
            out.kind = Node::Kind::list;
            for (const dom::element item : dom::array(value)) {
                if (!convert(item, depth + 1, out.items.emplace_back()))
                    return false;
            }
            return true;
        case dom::element_type::STRING:
            out.kind = Node::Kind::text;
            out.text = std::string_view(value);
            return true;
        case dom::element_type::BOOL:
            out.kind = Node::Kind::boolean;
            out.text = bool(value) ? "true" : "false";
            return true;
        case dom::element_type::INT64:
            out.text = fmt::format("{}", std::int64_t(value));
            break;
        case dom::element_type::UINT64:
            out.text = fmt::format("{}", std::uint64_t(value));
            break;
        case dom::element_type::DOUBLE:
            out.text = fmt::format("{}", double(value));
            break;
        default:
            return true;  // null
    }
    out.kind = Node::Kind::number;
    out.written = out.text;
    return true;
}

void write(const Node& node, std::string& out) {
    switch (node.kind) {
        case Node::Kind::null:
            out += "null";
            break;
        case Node::Kind::text:
            append_json_string(out, node.text);
            break;
        case Node::Kind::number:
        case Node::Kind::boolean:
            out += node.text;
            break;
        case Node::Kind::list: {
            out += '[';
            std::string_view between;
            for (const Node& item : node.items) {
                out += std::exchange(between, ",");
                write(item, out);
            }
            out += ']';
            break;
        }
        case Node::Kind::map: {
            out += '{';
            std::string_view between;
            for (const Member& member : node.members) {
                out += std::exchange(between, ",");
                append_json_string(out, member.key);
                out += ':';
                write(member.value, out);
            }
            out += '}';
            break;
        }
    }
}

}  // namespace

std::expected<Node, SyntaxError> read_json(std::string_view text) {
    dom::parser parser;
    dom::element root;
    if (parser.parse(text.data(), text.size(), true).get(root) != simdjson::SUCCESS)
        return std::unexpected(SyntaxError{{}, "text that is not JSON", {}});
    Node node;
    if (!convert(root, 0, node)) {
        const std::string found = fmt::format("more than {} maps and lists inside each other", max_document_depth);
        return std::unexpected(SyntaxError{{}, found, {}});
    }
    return node;
}

std::string write_json(const Node& root) {
    std::string out;
    write(root, out);
    return out;
}

}  // namespace arngate::config
