#pragma once

#include "config/problem.hpp"
#include "core/kube/objects.hpp"
#include "core/mapping/rule.hpp"

#include <cstddef>
#include <functional>
#include <map>
#include <string>

namespace arngate::config {

/// Of one object; an object that exceeds one is left out.
inline constexpr std::size_t max_crd_arn_bytes = 2048;
inline constexpr std::size_t max_crd_username_bytes = 4096;
inline constexpr std::size_t max_crd_group_bytes = 64UL * 1024;  ///< all of its groups together

/// What counts of one IAMIdentityMapping (iamauthenticator.k8s.aws/v1alpha1, deploy/crd/iamidentitymapping.yaml).
struct IdentityMapping {
    std::string uid;
    std::string resource_version;
    std::string written_canonical_arn;  ///< status.canonicalARN: for people and for other programs, never obeyed
    std::string canonical_arn;          ///< of spec.arn in lower case; empty: the object is left out
    mapping::Rule rule;
    Problems problems;

    /// Whether both lead to the same mapping and the same problems; versions and status do not count.
    [[nodiscard]] bool reads_like(const IdentityMapping& other) const;
};

/// Pure; never throws on what the object holds.
[[nodiscard]] IdentityMapping read_identity_mapping(const kube::Object& object);

/// All objects by their names.
using IdentityMappings = std::map<std::string, IdentityMapping, std::less<>>;

struct CrdDocument {
    mapping::SourceRules rules;  ///< of the source CRD, in the order of names, without reserved prefixes
    Problems problems;
    std::size_t rejected = 0;
};

/// Of objects for the same canonical ARN the one whose name is the first in the order of bytes counts; the others are
/// left out and named. Pure.
[[nodiscard]] CrdDocument rules_of(const IdentityMappings& objects);

}  // namespace arngate::config
