#pragma once

#include "core/base/descriptor.hpp"
#include "core/base/secret.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <utility>

namespace arngate::client {

/// flock(2) on a file, which other programs lock in the same way.
enum class Lock : std::uint8_t { shared, exclusive };

/// A file of this user alone, locked for as long as the object lives. Others keep to the lock, so it is rewritten in
/// place: a new file in its stead would leave them with a lock on the old one. Blocks.
class LockedFile {
public:
    /// Waits so long for the lock at most. With an exclusive lock the file is made, with mode 0600, where there is
    /// none; with a shared one there is nothing then. Refuses what is no regular file, belongs to somebody else, or may
    /// be read by others. Errors do not hold the name.
    [[nodiscard]] static std::expected<std::optional<LockedFile>, std::string> open(
        const std::string& file, Lock lock, std::chrono::milliseconds wait
    );

    /// The whole content.
    [[nodiscard]] std::expected<Secret, std::string> read(std::size_t max_bytes) const;
    /// Needs the exclusive lock. Whoever does not lock may see a part.
    [[nodiscard]] std::expected<void, std::string> rewrite(const Secret& content) const;

private:
    explicit LockedFile(Descriptor descriptor) noexcept : descriptor_(std::move(descriptor)) {}
    Descriptor descriptor_;  ///< whose end gives the lock up
};

/// Makes the folders of a file that are missing, with mode 0700. What fails shows when the file is opened.
void make_folders_of(const std::string& file);

}  // namespace arngate::client
