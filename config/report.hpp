#pragma once

#include "config/document.hpp"
#include "config/problem.hpp"

#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace arngate::config {

/// Collects what one reading of a configuration finds wrong or doubtful.
class Report {
public:
    explicit Report(std::string file) : file_(std::move(file)) {}

    [[nodiscard]] const std::string& file() const noexcept { return file_; }

    /// What one finding says, beside where.
    struct Text {
        std::string key;
        std::string found;
        std::string expected;
        std::string advice;
        std::string_view rule{};  ///< as Problem::rule
    };

    void problem(Position at, Text text) { add(problems_, make(file_, at, std::move(text))); }
    void warning(Position at, Text text) { add(warnings_, make(file_, at, std::move(text))); }
    /// For values that come from elsewhere than the file, or from nowhere (empty source).
    void problem_from(std::string source, Text text) { add(problems_, make(std::move(source), {}, std::move(text))); }
    void warning_from(std::string source, Text text) { add(warnings_, make(std::move(source), {}, std::move(text))); }

    [[nodiscard]] bool failed() const noexcept { return !problems_.empty(); }
    /// In the order of the lines; what has no line comes first.
    [[nodiscard]] Problems take_problems() { return take(problems_); }
    [[nodiscard]] Problems take_warnings() { return take(warnings_); }

private:
    static Problem make(std::string file, Position at, Text text) {
        Problem problem;
        problem.file = std::move(file);
        problem.line = at.line;
        problem.column = at.column;
        problem.key = std::move(text.key);
        problem.found = std::move(text.found);
        problem.expected = std::move(text.expected);
        problem.advice = std::move(text.advice);
        problem.rule = text.rule;
        return problem;
    }
    /// By line and column; in the order found where these are equal.
    using Sorted = std::multimap<std::pair<int, int>, Problem>;

    static void add(Sorted& all, Problem problem) {
        const std::pair place(problem.line, problem.column);
        all.emplace(place, std::move(problem));
    }
    static Problems take(Sorted& all) {
        Problems problems;
        for (auto& [place, problem] : all)
            problems.push_back(std::move(problem));
        all.clear();
        return problems;
    }

    std::string file_;
    Sorted problems_;
    Sorted warnings_;
};

}  // namespace arngate::config
