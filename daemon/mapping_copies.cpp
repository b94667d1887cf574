#include "daemon/mapping_copies.hpp"

#include "core/base/file.hpp"
#include "daemon/pki/atomic_file.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <system_error>
#include <utility>

namespace arngate {

namespace {

constexpr mode_t owner_only = 0600;
constexpr mode_t writable_by_others = 0022;

std::unexpected<std::string> failure(const std::string& path, std::string_view what) {
    return std::unexpected(fmt::format("{}: {}", path, what));
}

std::unexpected<std::string> failure(const std::string& path, int code) {
    return failure(path, std::system_category().message(code));
}

std::expected<std::string, std::string> read_trusted(const Descriptor& file, const std::string& path) {
    struct stat status{};
    if (::fstat(file.number(), &status) != 0) {
        return failure(path, errno);
    }
    if (!S_ISREG(status.st_mode)) {
        return failure(path, "it is no file");
    }
    if ((status.st_uid != ::geteuid() && status.st_uid != 0) || (status.st_mode & writable_by_others) != 0) {
        return failure(path, "others own it or may write it");
    }
    const auto size = static_cast<std::size_t>(status.st_size);
    if (size > config::max_copy_bytes) {
        return failure(path, fmt::format("it is larger than {} bytes", config::max_copy_bytes));
    }
    auto bytes = read_to_end(file, size, config::max_copy_bytes);
    if (!bytes) {
        return failure(path, bytes.error().value());
    }
    return *std::move(bytes);
}

}  // namespace

std::string MappingCopies::path_of(std::string_view source) const {
    return fmt::format("{}/mapping-{}.copy", directory_, source);
}

std::expected<void, std::string> MappingCopies::save(
    std::string_view source, const std::string& place, const mapping::SourceRules& rules, WallTime read_at
) const {
    const std::string path = path_of(source);
    auto bytes = config::encode_copy(place, read_at, rules);
    if (!bytes) {
        return failure(path, bytes.error());
    }
    return pki::write_file(path, *bytes, owner_only, pki::Existing::replace);
}

std::expected<std::optional<config::MappingCopy>, std::string> MappingCopies::load(
    std::string_view source, const std::string& place
) const {
    const std::string path = path_of(source);
    const Descriptor descriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    if (!descriptor.is_open()) {
        if (errno == ENOENT) {
            return std::nullopt;
        }
        return failure(path, errno);
    }
    auto bytes = read_trusted(descriptor, path);
    if (!bytes) {
        return std::unexpected(std::move(bytes.error()));
    }
    auto copy = config::decode_copy(*bytes);
    if (!copy) {
        return failure(path, copy.error());
    }
    if (copy->place != place || copy->rules.source != source) {
        return failure(path, "it is of another cluster, source or document");
    }
    return std::optional(*std::move(copy));
}

}  // namespace arngate
