#include "core/credentials/digest.hpp"

#include "core/base/text.hpp"

#include <openssl/evp.h>

#include <array>
#include <stdexcept>

namespace arngate::credentials {

std::string sha1_hex(std::string_view bytes) {
    constexpr std::size_t sha1_bytes = 20;
    std::array<char, sha1_bytes> digest{};
    std::size_t size = digest.size();
    if (EVP_Q_digest(
            nullptr, "SHA1", nullptr, bytes.data(), bytes.size(), reinterpret_cast<unsigned char*>(digest.data()), &size
        ) != 1 ||
        size != digest.size()) {
        throw std::runtime_error("OpenSSL has no SHA-1");
    }
    return text::hex({digest.data(), digest.size()});
}

}  // namespace arngate::credentials
