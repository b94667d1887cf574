#include "config/sources/mounted_file_source.hpp"

#include "config/mounted_file.hpp"
#include "config/sources/file_source.hpp"
#include "core/base/text.hpp"

#include <boost/asio/post.hpp>

#include <fmt/format.h>

#include <cstddef>
#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace arngate::config {
namespace {

Problem doubt(const LoadRequest& request, std::string_view key, std::string found, std::string advice) {
    Problem problem;
    problem.file = request.file;
    problem.key = key;
    problem.found = std::move(found);
    problem.advice = std::move(advice);
    return problem;
}

std::expected<SourceReading, Problems> reading_of(MountedFileOptions& options, std::expected<Loaded, Problems> loaded) {
    std::set<std::string> told;
    for (const Problem& problem : std::exchange(options.told, {}))
        told.insert(problem.text());
    if (!loaded)
        return std::unexpected(std::move(loaded.error()));
    SourceReading reading;
    reading.problems = std::move(loaded->warnings);
    std::erase_if(reading.problems, [&told](const Problem& problem) {
        return !told.empty() && told.contains(problem.text());
    });
    for (const Key* key : keys_that_need_a_restart(options.running, loaded->values)) {
        reading.problems.push_back(
            doubt(options.request, key->path, "another value than at the start", "It acts after a restart.")
        );
    }
    if (options.loaded)
        options.loaded(*loaded);
    mapping::SourceRules& all = loaded->settings.mapping.mounted_file;
    const std::size_t roles = all.roles.size();
    reading.rules = effective_rules(std::move(all), loaded->settings);
    if (const std::size_t held_back = roles - reading.rules.roles.size(); held_back > 0) {
        reading.problems.push_back(doubt(
            options.request,
            "server.mapRoles",
            fmt::format("{} entries with sso", held_back),
            "They match nobody while the feature gate SSORoleMatch is off."
        ));
    }
    return reading;
}

/// What flags and environment say alone: nothing to follow.
class UnchangingSource final : public Source {
public:
    UnchangingSource(boost::asio::any_io_executor executor, MountedFileOptions options)
        : executor_(std::move(executor)), options_(std::move(options)) {}

    [[nodiscard]] std::string_view name() const noexcept override { return "MountedFile"; }
    [[nodiscard]] bool is_local() const noexcept override { return true; }
    void start(Report report) override {
        report_ = std::make_shared<Report>(std::move(report));
        refresh();
    }
    void refresh() override {
        boost::asio::post(executor_, [this, report = std::weak_ptr(report_)] {
            const auto alive = report.lock();
            if (alive == nullptr)
                return;
            auto reading = reading_of(options_, load(options_.request));
            if (reading) {
                (*alive)(*std::move(reading));
            } else {
                (*alive)(std::unexpected(SourceFailure{SourceFailure::Kind::unreadable, std::move(reading.error()), {}})
                );
            }
        });
    }
    void stop() override { report_.reset(); }

private:
    boost::asio::any_io_executor executor_;
    MountedFileOptions options_;
    std::shared_ptr<Report> report_;
};

}  // namespace

std::unique_ptr<Source> make_mounted_file_source(boost::asio::any_io_executor executor, MountedFileOptions options) {
    if (options.request.file.empty())
        return std::make_unique<UnchangingSource>(std::move(executor), std::move(options));
    FileSourceOptions file;
    file.name = "MountedFile";
    file.path = options.request.file;
    file.ending = text::to_lower(file.path).ends_with(".json") ? watch::Ending::of_format : watch::Ending::line_break;
    file.absence = FileSourceOptions::Absence::unreadable;
    file.watch = options.watch;
    file.read = [options = std::move(options)](std::string text) mutable {
        return reading_of(options, load_text(options.request, std::move(text)));
    };
    return std::make_unique<FileSource>(std::move(executor), std::move(file));
}

}  // namespace arngate::config
