#pragma once

#include <openssl/err.h>

namespace arngate {

/// Empties this thread's queue of OpenSSL's errors, which SSL_get_error asks for before each operation. The queue is
/// nearly always empty, and OpenSSL clears each of its places whether it is used or not.
inline void clear_openssl_errors() noexcept {
    if (ERR_peek_error() != 0) {
        ERR_clear_error();
    }
}

}  // namespace arngate
