#include "core/base/secret.hpp"

#include "core/base/random.hpp"
#include "core/base/text.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <cassert>
#include <cstring>

namespace arngate {

Secret::Secret(std::string_view text) : Secret(of_size(text.size())) {
    if (!text.empty()) {
        std::memcpy(data_.get(), text.data(), text.size());
    }
}

Secret Secret::of_size(std::size_t size) {
    Secret secret;
    secret.data_ = std::make_unique_for_overwrite<char[]>(size);  // NOLINT(modernize-avoid-c-arrays)
    secret.size_ = size;
    secret.capacity_ = size;
    return secret;
}

Secret& Secret::operator=(Secret&& other) noexcept {
    if (this != &other) {
        wipe();
        data_ = std::move(other.data_);
        size_ = std::exchange(other.size_, 0);
        capacity_ = std::exchange(other.capacity_, 0);
    }
    return *this;
}

Secret::~Secret() {
    wipe();
}

void Secret::truncate(std::size_t size) noexcept {
    assert(size <= size_);
    size_ = size;
}

void Secret::wipe() noexcept {
    if (data_ != nullptr) {
        arngate::wipe(data_.get(), capacity_);
    }
}

std::string Secret::digest() const {
    return secret_digest(expose());
}

std::string secret_digest(std::string_view bytes) {
    static const std::array<unsigned char, 32> key = random_key();
    std::array<unsigned char, EVP_MAX_MD_SIZE> mac{};
    unsigned int length = 0;
    HMAC(
        EVP_sha256(),
        key.data(),
        static_cast<int>(key.size()),
        reinterpret_cast<const unsigned char*>(bytes.data()),
        bytes.size(),
        mac.data(),
        &length
    );
    return text::hex({reinterpret_cast<const char*>(mac.data()), 4});
}

void wipe(void* bytes, std::size_t size) noexcept {
    // OPENSSL_cleanse promises the same and writes a word at a time.
    if (size != 0) {  // else there may be no bytes
        std::memset(bytes, 0, size);
    }
    asm volatile("" : : "r"(bytes) : "memory");
}

void wipe(std::string& text) noexcept {
    wipe(text.data(), text.size());
    text.clear();
}

}  // namespace arngate
