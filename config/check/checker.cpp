#include "config/check/checker.hpp"

#include "config/check/chain.hpp"
#include "config/check/entry_findings.hpp"
#include "config/check/problem_finding.hpp"
#include "config/check/table_options.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

namespace arngate::config::check {
namespace {

class Checker {
public:
    Checker(std::span<const Input> inputs, const CheckOptions& options) : inputs_(inputs), options_(options) {}

    std::vector<Finding> run() {
        for (const Input& input : inputs_) {
            readings_.push_back(read(input, options_.read));
            std::ranges::move(readings_.back().findings, std::back_inserter(findings_));
        }
        if (options_.backends.empty()) {
            for (const Reading& reading : readings_)
                look_at_file(reading);
        } else {
            look_at_server();
        }
        std::erase_if(findings_, [&](const Finding& finding) {
            return std::ranges::find(options_.ignored, finding.rule) != options_.ignored.end();
        });
        std::vector<std::string> files;
        for (const Input& input : inputs_)
            files.push_back(input.name);
        sort(findings_, files);
        return std::move(findings_);
    }

private:
    void look_at_file(const Reading& reading) {
        // Objects of one file may be those of several clusters, too.
        for (const mapping::SourceRules& source : reading.sources)
            look_at(std::span(&source, 1), reading.settings);
    }

    void look_at_server() {
        const auto with_settings =
            std::ranges::find_if(readings_, [](const Reading& reading) { return reading.settings.has_value(); });
        const std::optional<Settings>& settings =
            with_settings == readings_.end() ? no_settings_ : with_settings->settings;
        std::vector<mapping::SourceRules> chain;
        for (const std::string& backend : options_.backends) {
            for (const Reading& reading : readings_) {
                for (const mapping::SourceRules& source : reading.sources) {
                    if (source.source != backend)
                        continue;
                    mapping::SourceRules& rules = chain.emplace_back(source);
                    if (settings && rules.reserved_prefixes.empty()) {
                        if (const auto own = settings->server.reserved_prefixes.find(backend);
                            own != settings->server.reserved_prefixes.end())
                            rules.reserved_prefixes = own->second;
                    }
                }
            }
        }
        for (std::size_t i = 0; i < readings_.size(); ++i) {
            for (const mapping::SourceRules& source : readings_[i].sources) {
                if (std::ranges::find(options_.backends, source.source) == options_.backends.end()) {
                    findings_.push_back(make_finding(
                        "unused-mapping",
                        inputs_[i].name,
                        {},
                        fmt::format("the sources that were named lack {}", source.source)
                    ));
                }
            }
        }
        look_at(chain, settings);
    }

    void look_at(std::span<const mapping::SourceRules> chain, const std::optional<Settings>& settings) {
        const mapping::TableOptions options = table_options(settings, options_.read.default_profile);
        const EntryContext context{
            settings ? std::string_view(settings->server.partition) : std::string_view(options_.partition),
            options.strip_role_paths
        };
        std::vector<const mapping::SourceRules*> sources;
        for (const mapping::SourceRules& source : chain) {
            find_in_entries(source, context, findings_);
            sources.push_back(&source);
        }
        find_in_chain(sources, options, findings_);
    }

    std::span<const Input> inputs_;
    const CheckOptions& options_;
    const std::optional<Settings> no_settings_;
    std::vector<Reading> readings_;
    std::vector<Finding> findings_;
};

}  // namespace

std::vector<Finding> check(std::span<const Input> inputs, const CheckOptions& options) {
    return Checker(inputs, options).run();
}

}  // namespace arngate::config::check
