#include "config/sources/dynamic_file_source.hpp"

#include "config/sources/dynamic_file_document.hpp"
#include "config/sources/file_source.hpp"

#include <string>
#include <utility>
#include <vector>

namespace arngate::config {

std::unique_ptr<Source> make_dynamic_file_source(
    boost::asio::any_io_executor executor, const Settings& settings, const watch::WatchOptions& watch
) {
    FileSourceOptions file;
    file.name = "DynamicFile";
    file.path = settings.server.dynamic_file_path;
    file.watch = watch;
    std::vector<std::string> reserved;
    if (const auto own = settings.server.reserved_prefixes.find(file.name);
        own != settings.server.reserved_prefixes.end()) {
        reserved = own->second;
    }
    const DynamicFileKey key =
        settings.server.dynamic_file_user_id_strict ? DynamicFileKey::user_id : DynamicFileKey::arn;
    file.read = [path = file.path, key, reserved = std::move(reserved)](std::string_view text
                ) -> std::expected<SourceReading, Problems> {
        auto document = read_dynamic_file(path, text, key);
        if (!document)
            return std::unexpected(std::move(document.error()));
        SourceReading reading;
        reading.rules = std::move(document->rules);
        reading.rules.reserved_prefixes = reserved;
        reading.version = std::move(document->version);
        reading.last_updated = std::move(document->last_updated);
        return reading;
    };
    return std::make_unique<FileSource>(std::move(executor), std::move(file));
}

}  // namespace arngate::config
