#include "config/sources/crd_document.hpp"

#include "core/aws/arn.hpp"
#include "core/base/text.hpp"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace arngate::config {
namespace {

std::string place_of(std::string_view name) {
    return fmt::format("iamidentitymappings/{}", name);
}

Problem problem_of(std::string file, std::string_view key, std::string found, std::string expected) {
    Problem problem;
    problem.file = std::move(file);
    problem.key = key;
    problem.found = std::move(found);
    problem.expected = std::move(expected);
    return problem;
}

/// Reads the fields of one object's spec; after the first that is wrong the object is not kept.
class Reader {
public:
    Reader(const kube::Object& object, IdentityMapping& into) : object_(object), into_(into) {
        into_.rule.origin.file = place_of(object.name);
    }

    void read() {
        simdjson::dom::object spec;
        if (object_.json["spec"].get_object().get(spec) != simdjson::SUCCESS) {
            refuse("spec", "nothing", "arn and username");
            return;
        }
        text(spec, "arn", max_crd_arn_bytes, into_.rule.arn);
        text(spec, "username", max_crd_username_bytes, into_.rule.username);
        groups(spec);
        if (!kept_) {
            return;
        }
        // Letter case is folded first: an ARN that an operator wrote in capitals names the same principal.
        auto canonical = aws::canonicalize(text::to_lower(into_.rule.arn));
        if (!canonical) {
            Problem problem =
                problem_of(into_.rule.origin.file, "spec.arn", quote(into_.rule.arn), "the ARN of an IAM principal");
            problem.advice = fmt::format("Namely: {}.", aws::describe(canonical.error()));
            into_.problems.push_back(std::move(problem));
            return;
        }
        into_.canonical_arn = std::move(canonical->text);
        if (into_.rule.username.empty()) {
            into_.problems.push_back(problem_of(
                into_.rule.origin.file, "spec.username", "an empty text", "a username; it admits nobody as it is"
            ));
        }
    }

private:
    void refuse(std::string_view key, std::string found, std::string expected) {
        into_.problems.push_back(problem_of(into_.rule.origin.file, key, std::move(found), std::move(expected)));
        kept_ = false;
    }

    void text(const simdjson::dom::object& spec, std::string_view key, std::size_t limit, std::string& into) {
        std::string_view value;
        if (spec[key].get_string().get(value) != simdjson::SUCCESS) {
            refuse(fmt::format("spec.{}", key), "no text", "text");
        } else if (value.size() > limit) {
            refuse(
                fmt::format("spec.{}", key), fmt::format("{} bytes", value.size()), fmt::format("{} at most", limit)
            );
        } else {
            into = value;
        }
    }

    void groups(const simdjson::dom::object& spec) {
        simdjson::dom::element list;
        if (spec["groups"].get(list) != simdjson::SUCCESS || list.is_null()) {
            return;
        }
        simdjson::dom::array items;
        if (list.get_array().get(items) != simdjson::SUCCESS) {
            refuse("spec.groups", "no list", "a list of texts");
            return;
        }
        std::size_t bytes = 0;
        for (const simdjson::dom::element item : items) {
            std::string_view group;
            if (item.get_string().get(group) != simdjson::SUCCESS) {
                refuse("spec.groups", "an item that is no text", "a list of texts");
                return;
            }
            bytes += group.size() + 1;
            if (bytes > max_crd_group_bytes) {
                refuse("spec.groups", "more than 64 KiB", "fewer or shorter groups");
                return;
            }
            into_.rule.groups.emplace_back(group);
        }
    }

    const kube::Object& object_;
    IdentityMapping& into_;
    bool kept_ = true;
};

}  // namespace

bool IdentityMapping::reads_like(const IdentityMapping& other) const {
    return canonical_arn == other.canonical_arn && rule.arn == other.rule.arn && rule.username == other.rule.username &&
           rule.groups == other.rule.groups &&
           std::ranges::equal(problems, other.problems, {}, &Problem::text, &Problem::text);
}

IdentityMapping read_identity_mapping(const kube::Object& object) {
    IdentityMapping mapping;
    mapping.uid = object.uid;
    mapping.resource_version = object.resource_version;
    std::string_view written;
    if (object.json["status"]["canonicalARN"].get_string().get(written) == simdjson::SUCCESS &&
        written.size() <= max_crd_arn_bytes) {
        mapping.written_canonical_arn = written;
    }
    Reader(object, mapping).read();
    return mapping;
}

CrdDocument rules_of(const IdentityMappings& objects) {
    CrdDocument document;
    document.rules.source = "CRD";
    document.rules.match = mapping::MatchBy::canonical_arn;
    std::unordered_map<std::string_view, std::string_view> names;
    for (const auto& [name, object] : objects) {
        document.problems.insert(document.problems.end(), object.problems.begin(), object.problems.end());
        if (object.canonical_arn.empty()) {
            ++document.rejected;
            continue;
        }
        if (const auto [other, is_new] = names.emplace(object.canonical_arn, name); !is_new) {
            ++document.rejected;
            Problem problem = problem_of(place_of(name), "spec.arn", quote(object.rule.arn), {});
            problem.advice =
                fmt::format("{} is for the same ARN and counts, as its name comes first.", place_of(other->second));
            document.problems.push_back(std::move(problem));
            continue;
        }
        const bool is_role = object.canonical_arn.contains(":role/");
        (is_role ? document.rules.roles : document.rules.users).push_back(object.rule);
    }
    return document;
}

}  // namespace arngate::config
