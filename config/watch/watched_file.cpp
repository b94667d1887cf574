#include "config/watch/watched_file.hpp"

#include <boost/asio/post.hpp>

#include <openssl/evp.h>

#include <stdexcept>
#include <utility>

namespace arngate::watch {

namespace asio = boost::asio;

namespace {

constexpr std::string_view line_break = "\n";
constexpr std::string_view end_marker = "...\n";
/// Readings in a row that meet a change, a quiet time apart, until it is said that the file cannot be read.
constexpr int max_unsteady = 10;

std::string_view ending_of(std::string_view text) {
    std::string_view line = text;
    while (line.ends_with('\n') || line.ends_with('\r'))
        line.remove_suffix(1);
    const bool ended = line.size() != text.size();
    if (ended && (line == "..." || line.ends_with("\n...")))
        return end_marker;
    return ended ? line_break : std::string_view();
}

std::array<unsigned char, 32> digest_of(std::string_view text) {
    std::array<unsigned char, 32> digest{};
    if (EVP_Digest(text.data(), text.size(), digest.data(), nullptr, EVP_sha256(), nullptr) != 1)
        throw std::runtime_error("SHA-256 is not to be had");
    return digest;
}

}  // namespace

WatchedFile::WatchedFile(
    asio::any_io_executor executor,
    std::string path,
    std::size_t max_bytes,
    Ending ending,
    WatchOptions options,
    Change change
)
    : executor_(std::move(executor)),
      path_(std::move(path)),
      max_bytes_(max_bytes),
      ending_(ending),
      change_(std::move(change)),
      watcher_(executor_, path_, options, [this] { look(); }),
      alive_(std::make_shared<const char>()) {}

WatchedFile::~WatchedFile() {
    stop();
}

void WatchedFile::start() {
    watcher_.start();
    refresh();
}

void WatchedFile::refresh() {
    if (!std::exchange(wanted_, true))
        look_soon();
}

void WatchedFile::stop() {
    alive_.reset();
    watcher_.stop();
}

void WatchedFile::look_soon() {
    asio::post(executor_, [this, alive = std::weak_ptr(alive_)] {
        if (alive.expired())
            return;
        if (watcher_.is_being_written()) {
            watcher_.touch();
        } else {
            look();
        }
    });
}

void WatchedFile::look() {
    auto content = read_whole(path_, max_bytes_);
    if (!content) {
        if (content.error().kind == FileError::Kind::unsteady && ++unsteady_ < max_unsteady) {
            watcher_.touch();
            return;
        }
        fail(std::move(content.error()));
    } else if (auto error = incomplete(*content)) {
        fail(*std::move(error));
    } else {
        take(*std::move(content));
    }
}

std::optional<FileError> WatchedFile::incomplete(const FileContent& content) const {
    if (ending_ == Ending::of_format || !stamp_ || !stamp_->is_same_file(content.stamp))
        return std::nullopt;
    const std::string_view ending = ending_of(content.text);
    if (last_line_ == end_marker && ending != end_marker) {
        return FileError{
            FileError::Kind::incomplete,
            "a file that was written in place, not to its end: its last line is no more \"...\""
        };
    }
    if (last_line_ == line_break && ending.empty()) {
        return FileError{
            FileError::Kind::incomplete,
            "a file that was written in place, not to its end: its last line has no line break"
        };
    }
    return std::nullopt;
}

void WatchedFile::take(FileContent content) {
    unsteady_ = 0;
    const Digest digest = digest_of(content.text);
    stamp_ = content.stamp;
    last_line_ = ending_of(content.text);
    if (digest_ == digest && !wanted_)
        return;
    wanted_ = false;
    digest_ = digest;
    error_.reset();
    change_(std::move(content.text));
}

void WatchedFile::fail(FileError error) {
    unsteady_ = 0;
    if (error_ == error && !wanted_)
        return;
    wanted_ = false;
    digest_.reset();
    error_ = error;
    change_(std::unexpected(std::move(error)));
}

}  // namespace arngate::watch
