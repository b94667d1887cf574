#pragma once

#include "core/base/result.hpp"
#include "core/sts/caller_identity.hpp"

#include <cstdint>
#include <memory>

namespace arngate::auth {

/// `stale`: STS proved it once, and now that it would have to be asked again it cannot be.
enum class ProvenBy : std::uint8_t { nobody, cache, sts, stale };

/// Who the token belongs to, or why it proves nothing. Mapping comes after, against the snapshot of that moment.
struct Proof {
    Result<std::shared_ptr<const sts::CallerIdentity>> identity;
    ProvenBy proven_by = ProvenBy::nobody;
};

}  // namespace arngate::auth
