#include "core/review/read.hpp"

#include "core/base/text.hpp"
#include "core/review/rfc3339.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

// The Go server decodes the whole TokenReview type: a known member of the wrong type makes the request malformed even
// if nobody reads that member. Keys match without regard to letter case, null leaves a member as it was, and of
// repeated members the last counts (encoding/json, func Unmarshal).
namespace arngate::review {
namespace {

using simdjson::dom::array;
using simdjson::dom::element;
using simdjson::dom::object;

enum class Shape : std::uint8_t {
    string,
    boolean,
    integer,
    date_time,  ///< of RFC 3339
    string_list,
    string_map,
    string_list_map,
    known_object,   ///< an object of known members
    known_objects,  ///< a list of such objects
};

struct Known {
    std::string_view key;
    Shape shape;
    std::span<const Known> members{};
};

using enum Shape;

// k8s.io/apimachinery, pkg/apis/meta/v1/types.go
constexpr std::array owner_reference{
    Known{"apiVersion", string},
    Known{"kind", string},
    Known{"name", string},
    Known{"uid", string},
    Known{"controller", boolean},
    Known{"blockOwnerDeletion", boolean},
};
constexpr std::array managed_fields{
    Known{"manager", string},
    Known{"operation", string},
    Known{"apiVersion", string},
    Known{"time", date_time},
    Known{"fieldsType", string},
    Known{"subresource", string},
};
constexpr std::array metadata{
    Known{"name", string},
    Known{"generateName", string},
    Known{"namespace", string},
    Known{"selfLink", string},
    Known{"uid", string},
    Known{"resourceVersion", string},
    Known{"generation", integer},
    Known{"creationTimestamp", date_time},
    Known{"deletionTimestamp", date_time},
    Known{"deletionGracePeriodSeconds", integer},
    Known{"labels", string_map},
    Known{"annotations", string_map},
    Known{"finalizers", string_list},
    Known{"ownerReferences", known_objects, owner_reference},
    Known{"managedFields", known_objects, managed_fields},
};
// k8s.io/api, authentication/v1/types.go
constexpr std::array spec{Known{"token", string}, Known{"audiences", string_list}};
constexpr std::array user{
    Known{"username", string},
    Known{"uid", string},
    Known{"groups", string_list},
    Known{"extra", string_list_map},
};
constexpr std::array status{
    Known{"authenticated", boolean},
    Known{"user", known_object, user},
    Known{"audiences", string_list},
    Known{"error", string},
};
constexpr std::array token_review{
    Known{"kind", string},
    Known{"apiVersion", string},
    Known{"metadata", known_object, metadata},
    Known{"spec", known_object, spec},
    Known{"status", known_object, status},
};

bool fits(const element& value, const Known& known);

template <class Fits>
bool each_of(const element& value, Fits fits_one) {
    array list;
    return value.get(list) == simdjson::SUCCESS && std::ranges::all_of(list, fits_one);
}

template <class Fits>
bool each_value_of(const element& value, Fits fits_one) {
    object map;
    if (value.get(map) != simdjson::SUCCESS) {
        return false;
    }
    for (const auto field : map) {
        if (!fits_one(field.value)) {
            return false;
        }
    }
    return true;
}

bool members_fit(const element& value, std::span<const Known> all) {
    object map;
    if (value.get(map) != simdjson::SUCCESS) {
        return false;
    }
    for (const auto field : map) {
        for (const Known& known : all) {
            if (text::iequals(field.key, known.key) && !fits(field.value, known)) {
                return false;
            }
        }
    }
    return true;
}

bool fits(const element& value, const Known& known) {
    if (value.is_null()) {
        return true;
    }
    const auto is_text = [](const element& one) { return one.is_null() || one.is_string(); };
    const auto is_text_list = [&is_text](const element& one) { return one.is_null() || each_of(one, is_text); };
    switch (known.shape) {
        case string:
            return value.is_string();
        case boolean:
            return value.is_bool();
        case integer:
            return value.is<std::int64_t>();
        case date_time: {
            std::string_view when;
            return value.get(when) == simdjson::SUCCESS && is_rfc3339(when);
        }
        case string_list:
            return is_text_list(value);
        case string_map:
            return each_value_of(value, is_text);
        case string_list_map:
            return each_value_of(value, is_text_list);
        case known_object:
            return members_fit(value, known.members);
        case known_objects:
            return each_of(value, [&known](const element& one) {
                return one.is_null() || members_fit(one, known.members);
            });
    }
    return false;
}

/// Calls `take` with each value of the key that is not null.
template <class Take>
void for_each(object from, std::string_view key, Take take) {
    for (const auto field : from) {
        if (text::iequals(field.key, key) && !field.value.is_null()) {
            take(field.value);
        }
    }
}

std::string_view text_or_empty(const element& value) {
    std::string_view text;
    return value.get(text) == simdjson::SUCCESS ? text : std::string_view();
}

ApiVersion version_of(std::string_view text) {
    for (const ApiVersion version : {ApiVersion::v1, ApiVersion::v1beta1}) {
        if (text == to_string(version)) {
            return version;
        }
    }
    return ApiVersion::none;
}

/// False if there are too many.
bool read_audiences(const element& value, std::vector<std::string_view>& audiences) {
    array list;
    if (value.get(list) != simdjson::SUCCESS || list.size() > max_audiences) {
        return false;
    }
    audiences.clear();
    for (const element audience : list) {
        audiences.push_back(text_or_empty(audience));
    }
    return true;
}

}  // namespace

Result<TokenReview> read_lenient(object root) {
    for (const auto field : root) {
        for (const Known& known : token_review) {
            if (text::iequals(field.key, known.key) && !fits(field.value, known)) {
                return fail(Reason::bad_request, "a member of " + std::string(known.key) + " is of the wrong type");
            }
        }
    }
    TokenReview review;
    bool audiences_fit = true;
    for_each(root, "apiVersion", [&](const element& value) { review.version = version_of(text_or_empty(value)); });
    for_each(root, "spec", [&](const element& value) {
        object members_of_spec;
        if (value.get(members_of_spec) != simdjson::SUCCESS) {
            return;
        }
        for_each(members_of_spec, "token", [&](const element& token) { review.token = text_or_empty(token); });
        for_each(members_of_spec, "audiences", [&](const element& audiences) {
            audiences_fit = read_audiences(audiences, review.audiences) && audiences_fit;
        });
    });
    if (!audiences_fit) {
        return fail(Reason::bad_request, "spec.audiences is too long");
    }
    return review;
}

}  // namespace arngate::review
