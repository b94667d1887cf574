#include "core/review/read.hpp"

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace arngate::review {
namespace {

using simdjson::dom::element;
using simdjson::dom::object;

/// A member that must not stand twice: which of two counts would depend on the reader.
struct Member {
    std::string_view key;
    std::optional<element> value;
};

/// Fills the members; keys are compared exactly, others are skipped. Returns the key that stands twice, or nothing.
template <std::size_t Count>
std::optional<std::string_view> collect(object from, std::array<Member, Count>& members) {
    for (const auto field : from) {
        for (Member& member : members) {
            if (field.key == member.key) {
                if (member.value) {
                    return member.key;
                }
                member.value = field.value;
            }
        }
    }
    return std::nullopt;
}

std::unexpected<Error> bad(std::string detail) {
    return fail(Reason::bad_request, std::move(detail));
}

std::unexpected<Error> twice(std::string_view key) {
    return bad("the key " + std::string(key) + " stands twice");
}

std::optional<std::string_view> text_of(const Member& member) {
    std::string_view text;
    if (!member.value || member.value->get(text) != simdjson::SUCCESS) {
        return std::nullopt;
    }
    return text;
}

Result<std::vector<std::string_view>> read_audiences(const Member& member) {
    std::vector<std::string_view> audiences;
    if (!member.value || member.value->is_null()) {
        return audiences;
    }
    simdjson::dom::array list;
    if (member.value->get(list) != simdjson::SUCCESS) {
        return bad("spec.audiences is not a list");
    }
    for (const element audience : list) {
        std::string_view text;
        if (audience.get(text) != simdjson::SUCCESS) {
            return bad("spec.audiences holds something that is not text");
        }
        if (audiences.size() == max_audiences) {
            return bad("spec.audiences is too long");
        }
        audiences.push_back(text);
    }
    return audiences;
}

Result<ApiVersion> read_version(const Member& member) {
    if (!member.value) {
        return fail(Reason::unsupported_version, "apiVersion is missing");
    }
    const std::optional<std::string_view> text = text_of(member);
    if (!text) {
        return bad("apiVersion is not text");
    }
    for (const ApiVersion version : {ApiVersion::v1, ApiVersion::v1beta1}) {
        if (*text == to_string(version)) {
            return version;
        }
    }
    return fail(
        Reason::unsupported_version, "apiVersion is neither authentication.k8s.io/v1 nor authentication.k8s.io/v1beta1"
    );
}

}  // namespace

Result<TokenReview> read_strict(object root) {
    std::array<Member, 3> top{{{"kind", {}}, {"apiVersion", {}}, {"spec", {}}}};
    if (const auto key = collect(root, top)) {
        return twice(*key);
    }
    const auto& [kind, api_version, spec] = top;
    if (text_of(kind) != std::string_view("TokenReview")) {
        return bad("kind is not TokenReview");
    }
    const Result<ApiVersion> version = read_version(api_version);
    if (!version) {
        return std::unexpected(version.error());
    }
    object spec_object;
    if (!spec.value || spec.value->get(spec_object) != simdjson::SUCCESS) {
        return bad("spec is not an object");
    }
    std::array<Member, 2> inner{{{"token", {}}, {"audiences", {}}}};
    if (const auto key = collect(spec_object, inner)) {
        return twice("spec." + std::string(*key));
    }
    const std::optional<std::string_view> token = text_of(inner[0]);
    if (!token) {
        return bad("spec.token is not text");
    }
    Result<std::vector<std::string_view>> audiences = read_audiences(inner[1]);
    if (!audiences) {
        return std::unexpected(std::move(audiences.error()));
    }
    return TokenReview{*version, *token, *std::move(audiences)};
}

}  // namespace arngate::review
