#pragma once

#include "config/settings.hpp"
#include "config/sources/source.hpp"
#include "config/watch/watched_file.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <cstdint>
#include <expected>
#include <functional>
#include <string>
#include <string_view>

namespace arngate::config {

/// What a source that is a file consists of.
struct FileSourceOptions {
    std::string name;  ///< of the source
    std::string path;
    watch::Ending ending = watch::Ending::of_format;
    /// What it means that there is no file: a source without entries, or that it cannot be read.
    enum class Absence : std::uint8_t { missing, unreadable } absence = Absence::missing;
    watch::WatchOptions watch;
    /// Makes a reading of the whole text of the file; called on the source's executor.
    std::function<std::expected<SourceReading, Problems>(std::string text)> read;
};

/// A source that is one file of at most max_document_bytes, followed by watch::WatchedFile.
class FileSource final : public Source {
public:
    FileSource(boost::asio::any_io_executor executor, FileSourceOptions options);

    [[nodiscard]] std::string_view name() const noexcept override { return options_.name; }
    [[nodiscard]] bool is_local() const noexcept override { return true; }
    void start(Report report) override;
    void refresh() override;
    void stop() override;

private:
    void take(std::expected<std::string, watch::FileError> content);

    FileSourceOptions options_;
    Report report_;
    watch::WatchedFile file_;
};

/// How the files of these settings are followed.
[[nodiscard]] watch::WatchOptions watch_options(const Settings& settings);

/// What keeps a file from being read, for people.
[[nodiscard]] Problem file_problem(const std::string& path, const watch::FileError& error);

}  // namespace arngate::config
