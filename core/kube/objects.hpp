#pragma once

#include "core/kube/api_error.hpp"

#include <simdjson.h>

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace arngate::kube {

/// An object of the API, as the parser that read it holds it: valid until that parser reads again.
struct Object {
    std::string_view name;
    std::string_view uid;
    std::string_view resource_version;
    simdjson::dom::object json;
};

/// One page of a list.
struct ListPage {
    std::string resource_version;  ///< of the whole list
    std::string next;              ///< `metadata.continue`; empty: this is the last page
    simdjson::dom::array items;    ///< valid until the parser reads again
};

struct WatchEvent {
    enum class Kind : std::uint8_t {
        changed,   ///< ADDED or MODIFIED
        removed,   ///< DELETED, with the object's last state
        bookmark,  ///< nothing but a newer resource version
        failed,    ///< ERROR
    };
    Kind kind = Kind::changed;
    Object object;   ///< of a bookmark only its resource version
    ApiError error;  ///< of `failed`
};

/// Why bytes of the API server are not what they should be: our own words, with nothing of theirs.
template <class T>
using Parsed = std::expected<T, std::string_view>;

/// Name and resource version are there, and short enough to be those of an object (253 and 128 bytes); a missing uid is
/// empty. Pure, as all of these.
[[nodiscard]] Parsed<Object> read_object(simdjson::dom::element json);
[[nodiscard]] Parsed<ListPage> read_list(simdjson::dom::parser& parser, std::string_view json);
/// One line of a watch (apimachinery, meta/v1 WatchEvent).
[[nodiscard]] Parsed<WatchEvent> read_watch_event(simdjson::dom::parser& parser, std::string_view line);

}  // namespace arngate::kube
