#pragma once

#include "config/sources/source.hpp"

#include <expected>
#include <string>
#include <string_view>
#include <utility>

namespace arngate {

/// A source that says what a test has it say.
class FakeSource final : public config::Source {
public:
    struct Log {
        FakeSource* source = nullptr;  ///< null once it is destroyed
        int refreshes = 0;
        bool stopped = false;
    };

    FakeSource(std::string name, bool local, Log& log) : name_(std::move(name)), local_(local), log_(log) {
        log_ = {.source = this};
    }
    ~FakeSource() override { log_.source = nullptr; }

    [[nodiscard]] std::string_view name() const noexcept override { return name_; }
    [[nodiscard]] bool is_local() const noexcept override { return local_; }
    void start(Report report) override { report_ = std::move(report); }
    void refresh() override { ++log_.refreshes; }
    void stop() override {
        report_ = nullptr;
        log_.stopped = true;
    }

    void say(std::expected<config::SourceReading, config::SourceFailure> report) { report_(std::move(report)); }

private:
    std::string name_;
    bool local_;
    Log& log_;
    Report report_;
};

inline mapping::Rule role(const std::string& name, const std::string& username = "user") {
    mapping::Rule rule;
    rule.arn = "arn:aws:iam::123456789012:role/" + name;
    rule.username = username;
    return rule;
}

/// A reading with a role for each name.
inline config::SourceReading reading(const std::string& source, std::initializer_list<const char*> names) {
    config::SourceReading result;
    result.rules.source = source;
    for (const char* name : names) {
        result.rules.roles.push_back(role(name, source));
    }
    return result;
}

inline std::unexpected<config::SourceFailure> source_failure(
    config::SourceFailure::Kind kind = config::SourceFailure::Kind::unreachable
) {
    config::SourceFailure failure;
    failure.kind = kind;
    config::Problem problem;
    problem.expected = "an answer";
    failure.problems.push_back(problem);
    return std::unexpected(std::move(failure));
}

}  // namespace arngate
