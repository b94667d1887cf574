#include "config/sources/file_source.hpp"

#include "config/document.hpp"

#include <utility>

namespace arngate::config {

FileSource::FileSource(boost::asio::any_io_executor executor, FileSourceOptions options)
    : options_(std::move(options)),
      file_(
          std::move(executor),
          options_.path,
          max_document_bytes,
          options_.ending,
          options_.watch,
          [this](auto content) { take(std::move(content)); }
      ) {}

void FileSource::start(Report report) {
    report_ = std::move(report);
    file_.start();
}

void FileSource::refresh() {
    file_.refresh();
}

void FileSource::stop() {
    file_.stop();
}

void FileSource::take(std::expected<std::string, watch::FileError> content) {
    if (content) {
        auto reading = options_.read(*std::move(content));
        if (reading) {
            report_(*std::move(reading));
        } else {
            report_(std::unexpected(SourceFailure{SourceFailure::Kind::unreadable, std::move(reading.error()), {}}));
        }
        return;
    }
    if (content.error().kind == watch::FileError::Kind::missing &&
        options_.absence == FileSourceOptions::Absence::missing) {
        SourceReading reading;
        reading.rules.source = options_.name;
        reading.missing = true;
        report_(std::move(reading));
        return;
    }
    report_(std::unexpected(
        SourceFailure{SourceFailure::Kind::unreadable, {file_problem(options_.path, content.error())}, {}}
    ));
}

watch::WatchOptions watch_options(const Settings& settings) {
    watch::WatchOptions options;
    options.poll_interval = settings.mapping.poll_interval;
    return options;
}

Problem file_problem(const std::string& path, const watch::FileError& error) {
    Problem problem;
    problem.file = path;
    problem.found = error.reason;
    problem.of_document = true;
    if (error.kind == watch::FileError::Kind::incomplete)
        problem.advice = "Write it again to its end, or write another file and rename it over this one.";
    return problem;
}

}  // namespace arngate::config
