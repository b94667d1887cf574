#include "core/kube/objects.hpp"

#include <cstddef>

namespace arngate::kube {

namespace {

constexpr std::size_t max_name_bytes = 253;
constexpr std::size_t max_version_bytes = 128;
constexpr std::size_t max_continue_bytes = 8UL * 1024;

constexpr std::unexpected<std::string_view> not_json{"the API server's answer is not a JSON object"};

/// A text member of an object; empty when it is missing.
std::string_view text_of(const simdjson::dom::object& object, std::string_view key) {
    std::string_view text;
    return object[key].get_string().get(text) == simdjson::SUCCESS ? text : std::string_view();
}

bool read_version(const simdjson::dom::object& metadata, std::string_view& version) {
    version = text_of(metadata, "resourceVersion");
    return !version.empty() && version.size() <= max_version_bytes;
}

Parsed<simdjson::dom::object> parse(simdjson::dom::parser& parser, std::string_view json) {
    simdjson::dom::object object;
    if (parser.parse(json.data(), json.size(), true).get_object().get(object) != simdjson::SUCCESS) {
        return not_json;
    }
    return object;
}

ApiError error_of_status(const simdjson::dom::object& status) {
    std::int64_t code = 0;
    if (status["code"].get_int64().get(code) != simdjson::SUCCESS || code < 400 || code > 599) {
        code = 500;
    }
    return error_of_answer(static_cast<int>(code), simdjson::minify(status));
}

}  // namespace

Parsed<Object> read_object(simdjson::dom::element json) {
    Object object;
    simdjson::dom::object metadata;
    if (json.get_object().get(object.json) != simdjson::SUCCESS ||
        object.json["metadata"].get_object().get(metadata) != simdjson::SUCCESS) {
        return std::unexpected("the API server sent an object without metadata");
    }
    object.name = text_of(metadata, "name");
    object.uid = text_of(metadata, "uid");
    if (object.name.empty() || object.name.size() > max_name_bytes || object.uid.size() > max_name_bytes) {
        return std::unexpected("the API server sent an object without a proper name");
    }
    if (!read_version(metadata, object.resource_version)) {
        return std::unexpected("the API server sent an object without a resource version");
    }
    return object;
}

Parsed<ListPage> read_list(simdjson::dom::parser& parser, std::string_view json) {
    const auto root = parse(parser, json);
    if (!root) {
        return std::unexpected(root.error());
    }
    ListPage page;
    simdjson::dom::object metadata;
    std::string_view version;
    if ((*root)["metadata"].get_object().get(metadata) != simdjson::SUCCESS || !read_version(metadata, version)) {
        return std::unexpected("the API server sent a list without a resource version");
    }
    page.resource_version = version;
    page.next = text_of(metadata, "continue");
    if (page.next.size() > max_continue_bytes) {
        return std::unexpected("the API server sent a list with a continuation beyond 8 KiB");
    }
    if ((*root)["items"].get_array().get(page.items) != simdjson::SUCCESS) {
        return std::unexpected("the API server sent a list without items");
    }
    return page;
}

Parsed<WatchEvent> read_watch_event(simdjson::dom::parser& parser, std::string_view line) {
    const auto root = parse(parser, line);
    if (!root) {
        return std::unexpected(root.error());
    }
    const std::string_view type = text_of(*root, "type");
    simdjson::dom::element json;
    if ((*root)["object"].get(json) != simdjson::SUCCESS || !json.is_object()) {
        return std::unexpected("the API server sent an event without an object");
    }
    WatchEvent event;
    if (type == "ERROR") {
        event.kind = WatchEvent::Kind::failed;
        event.error = error_of_status(json.get_object());
        return event;
    }
    if (type == "BOOKMARK") {
        event.kind = WatchEvent::Kind::bookmark;
        simdjson::dom::object metadata;
        if (json["metadata"].get_object().get(metadata) != simdjson::SUCCESS ||
            !read_version(metadata, event.object.resource_version)) {
            return std::unexpected("the API server sent a bookmark without a resource version");
        }
        return event;
    }
    if (type != "ADDED" && type != "MODIFIED" && type != "DELETED") {
        return std::unexpected("the API server sent an event of an unknown type");
    }
    event.kind = type == "DELETED" ? WatchEvent::Kind::removed : WatchEvent::Kind::changed;
    const auto object = read_object(json);
    if (!object) {
        return std::unexpected(object.error());
    }
    event.object = *object;
    return event;
}

}  // namespace arngate::kube
