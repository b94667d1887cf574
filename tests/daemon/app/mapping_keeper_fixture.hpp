#pragma once

#include "daemon/mapping_keeper.hpp"
#include "tests/daemon/app/fake_source.hpp"
#include "tests/daemon/app/log_lines.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/temp_directory.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <initializer_list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace arngate {

inline constexpr std::chrono::seconds grace{300};

/// A keeper whose sources say what a test has them say: those of server.backendMode and a last one.
class Keeper : public testing::Test {
protected:
    void make(std::chrono::milliseconds period = grace, bool with_copies = false) {
        keeper_.emplace(
            MappingKeeper::Options{.settings = {{}, reserved_}, .grace = period, .scrubbed_accounts = {}},
            clock_,
            metrics_,
            with_copies ? &copies_ : nullptr,
            [this](std::string_view name) { return source(std::string(name)); },
            [this] { ++asked_; },
            [this](MappingKeeper::Update update) { updates_.push_back(std::move(update)); }
        );
    }
    MappingSource source(const std::string& name) {
        MappingSource made;
        if (name == "MountedFile" || name == "DynamicFile" || name == "EKSConfigMap" || name == "CRD") {
            const bool local = name.ends_with("File");
            made.source = std::make_unique<FakeSource>(name, local, logs_[name]);
            made.must_start = name == "MountedFile";
            if (!made.must_start) {
                made.place = "c/" + name;
            }
            made.adapt = adapt_;
        }
        return made;
    }
    MappingSource break_glass() {
        MappingSource made;
        made.source = std::make_unique<FakeSource>("BreakGlass", true, logs_["BreakGlass"]);
        made.must_start = true;
        return made;
    }
    void set(const std::vector<std::string>& modes) {
        const auto done = keeper_->set_modes(modes);
        ASSERT_TRUE(done.has_value()) << done.error();
    }
    void say(const std::string& name, std::initializer_list<const char*> roles) {
        logs_.at(name).source->say(reading(name, roles));
    }
    void fail(const std::string& name) { logs_.at(name).source->say(source_failure()); }
    /// As the loop does when it was asked to.
    void build() {
        if (asked_ > built_) {
            built_ = asked_;
            keeper_->build();
        }
    }
    [[nodiscard]] const mapping::Table* table() const {
        const mapping::Table* last = nullptr;
        for (const auto& update : updates_) {
            last = update.table != nullptr ? update.table.get() : last;
        }
        return last;
    }
    /// The username that a role gets, which is the name of its source; empty: none.
    [[nodiscard]] std::string who(const std::string& role) const {
        sts::CallerIdentity identity;
        identity.mapping_key = "arn:aws:iam::123456789012:role/" + role;
        const auto user = table()->map(identity);
        return user ? user->username : std::string();
    }
    double gauge(const std::string& name, const std::string& source) {
        return registry_.gauge(name, "", {{"source", source}}).value();
    }
    double state(const std::string& source, const std::string& state) {
        return registry_.gauge("arngate_mapping_source_state", "", {{"source", source}, {"state", state}}).value();
    }

    LogLines log_;
    TempDirectory directory_;
    ManualClock clock_;
    MetricsRegistry registry_;
    MappingMetrics metrics_{registry_};
    MappingCopies copies_{directory_.path()};
    std::function<std::optional<mapping::SourceRules>(mapping::SourceRules)> adapt_;
    std::map<std::string, std::vector<std::string>> reserved_;
    std::map<std::string, FakeSource::Log> logs_;
    std::vector<MappingKeeper::Update> updates_;
    int asked_ = 0;
    int built_ = 0;
    std::optional<MappingKeeper> keeper_;
};

}  // namespace arngate
