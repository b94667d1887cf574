#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace arngate {

/// Bytes that must never be printed: a token, a signature, a session token, a key. They are wiped when the object ends,
/// and there is no conversion to anything that a log accepts; whoever needs the bytes says `expose()`.
/// Movable, not copyable; a moved-from Secret is empty. The bytes stay at one address for the life of the object and
/// across moves, so that views into them remain valid.
class Secret {
public:
    Secret() = default;
    /// Copies the text. The source is the caller's to wipe.
    explicit Secret(std::string_view text);
    /// An uninitialised buffer of this size, to be filled through `mutable_data()`.
    [[nodiscard]] static Secret of_size(std::size_t size);

    Secret(Secret&& other) noexcept
        : data_(std::move(other.data_)),
          size_(std::exchange(other.size_, 0)),
          capacity_(std::exchange(other.capacity_, 0)) {}
    Secret& operator=(Secret&& other) noexcept;
    Secret(const Secret&) = delete;
    Secret& operator=(const Secret&) = delete;
    ~Secret();

    [[nodiscard]] std::string_view expose() const noexcept { return {data_.get(), size_}; }
    [[nodiscard]] char* mutable_data() noexcept { return data_.get(); }
    /// Makes the text shorter; the bytes cut off are wiped at destruction with the rest.
    void truncate(std::size_t size) noexcept;

    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] bool empty() const noexcept { return size_ == 0; }

    /// Eight hex digits of a hash keyed with a random key of this process: enough to see in a log that two lines speak
    /// of the same secret, useless for anything else.
    [[nodiscard]] std::string digest() const;

private:
    void wipe() noexcept;

    std::unique_ptr<char[]> data_;  // NOLINT(modernize-avoid-c-arrays): a buffer of a size known at run time
    std::size_t size_ = 0;
    std::size_t capacity_ = 0;
};

/// The same digest for bytes that are not in a Secret.
[[nodiscard]] std::string secret_digest(std::string_view bytes);

/// Overwrites bytes with zeros; the compiler cannot leave that out, though nobody reads them.
void wipe(void* bytes, std::size_t size) noexcept;
/// Wipes a std::string's bytes in place and empties it.
void wipe(std::string& text) noexcept;

}  // namespace arngate
