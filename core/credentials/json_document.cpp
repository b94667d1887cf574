#include "core/credentials/json_document.hpp"

#include "core/base/json_text.hpp"

#include <simdjson.h>

#include <algorithm>
#include <charconv>
#include <system_error>
#include <utility>

namespace arngate::credentials {

namespace dom = simdjson::dom;

namespace {

/// Deeper documents are refused, so that walking one is bounded.
constexpr std::size_t max_depth = 16;

/// Overwrites the texts in the parser's own buffer, which is writable; it only hands out views.
void wipe_texts(const dom::element& element) {
    std::string_view text;
    if (element.get(text) == simdjson::SUCCESS) {
        wipe(const_cast<char*>(text.data()), text.size());
    } else if (element.is_array()) {
        for (const dom::element inner : dom::array(element)) {
            wipe_texts(inner);
        }
    } else if (element.is_object()) {
        for (const auto& [key, inner] : dom::object(element)) {
            wipe_texts(inner);
        }
    }
}

class TextWiper {
public:
    explicit TextWiper(const dom::element& root) : root_(root) {}
    TextWiper(const TextWiper&) = delete;
    TextWiper& operator=(const TextWiper&) = delete;
    ~TextWiper() { wipe_texts(root_); }

private:
    dom::element root_;
};

}  // namespace

std::expected<JsonDocument, std::string> JsonDocument::parse(Secret bytes, std::size_t max_bytes) {
    if (bytes.size() > max_bytes) {
        return std::unexpected("too long");
    }
    // The parser reads past the end, and makes a copy that nobody wipes when there is no room.
    Secret padded = Secret::of_size(bytes.size() + simdjson::SIMDJSON_PADDING);
    const std::string_view source = bytes.expose();
    source.copy(padded.mutable_data(), source.size());
    std::fill_n(padded.mutable_data() + source.size(), simdjson::SIMDJSON_PADDING, ' ');

    dom::parser parser(max_bytes + simdjson::SIMDJSON_PADDING);
    dom::element root;
    // A document of nothing but blanks would do too for the parser, so there has to be one byte.
    if (source.empty() || parser.allocate(max_bytes + simdjson::SIMDJSON_PADDING, max_depth) != simdjson::SUCCESS ||
        parser.parse(padded.mutable_data(), source.size(), false).get(root) != simdjson::SUCCESS) {
        return std::unexpected("no JSON");
    }
    const TextWiper wiper(root);
    dom::object object;
    if (root.get(object) != simdjson::SUCCESS) {
        return std::unexpected("no JSON object");
    }

    const auto value_of = [](const dom::element& element) {
        std::string_view text;
        if (element.get(text) == simdjson::SUCCESS) {
            return Value{.is_text = true, .bytes = Secret(text)};
        }
        std::string json = simdjson::minify(element);
        Value value{.is_text = false, .bytes = Secret(json)};
        wipe(json);
        return value;
    };
    const std::string twice = "a member that is there twice";
    JsonDocument result;
    for (const auto& [key, element] : object) {
        if (result.has(key)) {
            return std::unexpected(twice);
        }
        dom::object inner;
        if (element.get(inner) != simdjson::SUCCESS) {
            result.members_.emplace(key, value_of(element));
            continue;
        }
        Members& members = result.objects_[std::string(key)];
        for (const auto& [inner_key, inner_element] : inner) {
            if (!members.emplace(inner_key, value_of(inner_element)).second) {
                return std::unexpected(twice);
            }
        }
    }
    return result;
}

const JsonDocument::Value* JsonDocument::find(std::string_view parent, std::string_view name) const {
    const Members* members = &members_;
    if (!parent.empty()) {
        const auto object = objects_.find(parent);
        if (object == objects_.end()) {
            return nullptr;
        }
        members = &object->second;
    }
    const auto found = members->find(name);
    return found == members->end() ? nullptr : &found->second;
}

std::optional<std::string_view> JsonDocument::text(std::string_view parent, std::string_view name) const {
    const Value* value = find(parent, name);
    return value == nullptr || !value->is_text ? std::nullopt : std::optional(value->bytes.expose());
}

std::optional<std::int64_t> JsonDocument::integer(std::string_view parent, std::string_view name) const {
    const Value* value = find(parent, name);
    if (value == nullptr || value->is_text) {
        return std::nullopt;
    }
    const std::string_view text = value->bytes.expose();
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc{} && end == text.data() + text.size() ? std::optional(number) : std::nullopt;
}

bool JsonDocument::has(std::string_view name) const {
    return members_.contains(name) || objects_.contains(name);
}

void JsonDocument::set_text(std::string_view parent, std::string_view name, std::string_view value) {
    Members& members = parent.empty() ? members_ : objects_[std::string(parent)];
    if (parent.empty()) {
        if (const auto object = objects_.find(name); object != objects_.end()) {
            objects_.erase(object);
        }
    } else if (const auto member = members_.find(parent); member != members_.end()) {
        members_.erase(member);
    }
    members.insert_or_assign(std::string(name), Value{.is_text = true, .bytes = Secret(value)});
}

Secret JsonDocument::to_json() const {
    std::string out;
    // Room for all of it at once, so that no smaller copy is left behind: an escape is at most six times its byte.
    std::size_t room = 2;
    const auto count = [&room](const Members& members) {
        for (const auto& [name, value] : members) {
            room += (6 * (name.size() + value.bytes.size())) + 6;
        }
    };
    count(members_);
    for (const auto& [name, members] : objects_) {
        room += (6 * name.size()) + 6;
        count(members);
    }
    out.reserve(room);

    const auto append = [&out](const Members& members, std::string_view separator) {
        for (const auto& [name, value] : members) {
            out += std::exchange(separator, ",");
            append_json_string(out, name);
            out += ':';
            if (value.is_text) {
                append_json_string(out, value.bytes.expose());
            } else {
                out += value.bytes.expose();
            }
        }
    };
    out += '{';
    append(members_, "");
    std::string_view separator = members_.empty() ? "" : ",";
    for (const auto& [name, members] : objects_) {
        out += std::exchange(separator, ",");
        append_json_string(out, name);
        out += ":{";
        append(members, "");
        out += '}';
    }
    out += '}';
    Secret json(out);
    wipe(out);
    return json;
}

}  // namespace arngate::credentials
