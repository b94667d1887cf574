#pragma once

#include <unistd.h>

#include <utility>

namespace arngate {

/// Owns a file descriptor, and closes it at its end. Not thread-safe.
class Descriptor {
public:
    /// Owns nothing.
    Descriptor() noexcept = default;
    /// Takes what a system call gave; a negative number, which says that the call failed, is nothing to own.
    explicit Descriptor(int number) noexcept : number_(number) {}
    /// Leaves nothing in `other`.
    Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
    /// Closes what it had.
    Descriptor& operator=(Descriptor&& other) noexcept {
        Descriptor taken(std::move(other));
        std::swap(number_, taken.number_);
        return *this;
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor() {
        if (is_open()) {
            static_cast<void>(close());
        }
    }

    [[nodiscard]] bool is_open() const noexcept { return number_ >= 0; }
    /// For system calls; negative when it owns nothing.
    [[nodiscard]] int number() const noexcept { return number_; }
    /// Closes it now, for who has to know whether what was written arrived: close(2) and its answer.
    [[nodiscard]] int close() noexcept { return ::close(std::exchange(number_, -1)); }

private:
    int number_ = -1;
};

}  // namespace arngate
