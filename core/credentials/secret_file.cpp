#include "core/credentials/secret_file.hpp"

#include "core/base/file.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <system_error>
#include <utility>

namespace arngate::credentials {

namespace {

std::unexpected<std::string> last_error() {
    return std::unexpected(std::error_code(errno, std::generic_category()).message());
}

}  // namespace

std::expected<Secret, std::string> read_secret_file(const std::string& file, std::size_t max_bytes) {
    // Non-blocking, as opening a pipe that nobody writes to would wait for ever.
    const Descriptor descriptor(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    struct stat status{};
    if (!descriptor.is_open() || ::fstat(descriptor.number(), &status) != 0) {
        return last_error();
    }
    if (!S_ISREG(status.st_mode)) {
        return std::unexpected("not a regular file");
    }
    auto content = read_secret_to_end(descriptor, static_cast<std::size_t>(status.st_size), max_bytes);
    if (!content) {
        return std::unexpected(content.error().message());
    }
    if (content->size() > max_bytes) {
        return std::unexpected(fmt::format("larger than {} bytes", max_bytes));
    }
    return *std::move(content);
}

std::expected<void, std::string> replace_secret_file(const std::string& file, const Secret& content) {
    std::string temporary = file + ".XXXXXX";
    // mkostemp creates with mode 0600.
    const Descriptor descriptor(::mkostemp(temporary.data(), O_CLOEXEC));
    if (!descriptor.is_open()) {
        return last_error();
    }
    std::error_code error = write_all(descriptor, content.expose());
    if (!error && (::fsync(descriptor.number()) != 0 || std::rename(temporary.c_str(), file.c_str()) != 0)) {
        error = {errno, std::generic_category()};
    }
    if (!error) {
        return {};
    }
    ::unlink(temporary.c_str());
    return std::unexpected(error.message());
}

}  // namespace arngate::credentials
