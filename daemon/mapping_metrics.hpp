#pragma once

#include "config/chain/source_state.hpp"
#include "core/base/clock.hpp"
#include "core/base/metrics.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace arngate {

/// The instruments of the sources of mappings. Used on the mapping loop.
class MappingMetrics {
public:
    explicit MappingMetrics(MetricsRegistry& registry);

    /// A source whose reading was reported, or failed.
    void count_reading(std::string_view source, bool failed);
    /// What a source has come to, also without a report.
    void show(std::string_view source, const config::SourceState& state);
    /// A source that is asked no more: its gauges say 0.
    void hide(std::string_view source);
    /// A file was read whose author says when it was written, in seconds since 1970, unchecked: how long it took until
    /// `now` is counted, under a type of the Go server's ("dynamic_file", "dynamic_backend_mode"). Not for the first
    /// file of a type, nor for a text that is the one of before, is no such number, or lies ahead of the clock.
    void count_delay(std::string_view type, std::string_view last_updated, WallTime now);
    /// The sources in use, for the Go server's series.
    void show_modes(const std::vector<std::string>& modes);

private:
    struct Source {
        std::vector<Gauge*> status;  ///< by SourceStatus; 1 for the one it has
        Gauge* entries;
        Gauge* rejected;
        Gauge* generation;
        Gauge* last_success;
        Counter* readings;
        Counter* failures;
    };
    Source& of(std::string_view source);

    MetricsRegistry& registry_;
    std::map<std::string, Source, std::less<>> sources_;
    std::map<std::string, std::string, std::less<>> last_updates_;  ///< by type
    Counter& dynamic_file_failures_;
    Gauge& dynamic_file_enabled_;
    Gauge& dynamic_file_only_;
};

}  // namespace arngate
