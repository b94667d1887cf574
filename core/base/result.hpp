#pragma once

#include "core/base/reason.hpp"

#include <expected>
#include <string>
#include <utility>

namespace arngate {

/// What went wrong, for us to act on. `detail` is our own text: never a token, a URL or bytes from a peer.
struct Error {
    Reason reason = Reason::internal_error;
    std::string detail;
};

template <class T>
using Result = std::expected<T, Error>;

[[nodiscard]] inline std::unexpected<Error> fail(Reason reason, std::string detail = {}) {
    return std::unexpected<Error>(Error{reason, std::move(detail)});
}

}  // namespace arngate
