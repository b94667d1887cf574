#include "config/sources/backend_mode_file.hpp"

#include "config/sources/file_source.hpp"

#include <utility>

namespace arngate::config {

BackendModeFile::BackendModeFile(boost::asio::any_io_executor executor, std::string path, watch::WatchOptions watch)
    : file_(
          std::move(executor),
          std::move(path),
          max_backend_mode_bytes,
          watch::Ending::of_format,
          watch,
          [this](auto content) { take(std::move(content)); }
      ) {}

void BackendModeFile::start(Report report) {
    report_ = std::move(report);
    file_.start();
}

void BackendModeFile::take(std::expected<std::string, watch::FileError> content) {
    if (content) {
        auto document = read_backend_modes(file_.path(), *content);
        if (document) {
            report_(*std::move(document));
        } else {
            report_(std::unexpected(std::move(document.error())));
        }
    } else if (content.error().kind == watch::FileError::Kind::missing) {
        report_(std::nullopt);
    } else {
        report_(std::unexpected(Problems{file_problem(file_.path(), content.error())}));
    }
}

}  // namespace arngate::config
