#include "config/backends.hpp"
#include "config/check/checker.hpp"
#include "config/check/diff.hpp"
#include "config/check/render.hpp"
#include "config/schema.hpp"
#include "core/aws/partition.hpp"
#include "core/base/file.hpp"
#include "core/base/text.hpp"
#include "daemon/cli/commands.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <expected>
#include <istream>
#include <iterator>
#include <ostream>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace arngate::cli {

namespace {

namespace check = config::check;

struct Request {
    std::vector<std::string> files;  ///< "-": standard input
    check::CheckOptions options;
    std::string_view output = "text";
    check::Severity fail_on = check::Severity::error;
    bool is_diff = false;
};

using Fault = std::unexpected<std::string>;

/// Adds the words of a flag that takes a list.
void add_words(std::vector<std::string>& words, std::string_view value) {
    for (const std::string_view word : text::split(value, ',')) {
        if (const auto trimmed = text::trim(word); !trimmed.empty()) {
            words.emplace_back(trimmed);
        }
    }
}

std::expected<void, std::string> check_rules(std::span<const std::string> ids) {
    std::vector<std::string_view> known;
    for (const check::RuleInfo& rule : check::rules()) {
        known.push_back(rule.id);
    }
    for (const std::string& id : ids) {
        if (check::find_rule(id) == nullptr) {
            const std::string_view nearest = config::nearest_word(id, known);
            return Fault(fmt::format(
                "--ignore: there is no rule {}{}",
                config::quote(id),
                nearest.empty() ? std::string() : fmt::format("; did you mean {}?", nearest)
            ));
        }
    }
    return {};
}

std::expected<void, std::string> read_choices(const CommandLine& line, Request& request) {
    if (const std::string_view word = line.own_flag("output"); !word.empty()) {
        constexpr auto outputs = std::to_array<std::string_view>({"text", "json", "sarif"});
        if (std::ranges::find(outputs, word) == outputs.end()) {
            return Fault("--output is one of text, json and sarif");
        }
        request.output = word;
    }
    if (const std::string_view word = line.own_flag("fail-on"); !word.empty()) {
        if (word != "error" && word != "warning") {
            return Fault("--fail-on is error or warning");
        }
        request.fail_on = word == "error" ? check::Severity::error : check::Severity::warning;
    }
    if (const std::string_view word = line.own_flag("kind"); !word.empty() && word != "auto") {
        request.options.read.kind = check::find_kind(word);
        if (!request.options.read.kind) {
            return Fault(fmt::format("--kind is one of auto {}", check::kind_words));
        }
    }
    return {};
}

std::expected<void, std::string> read_backends(Request& request) {
    for (std::string& backend : request.options.backends) {
        const std::string_view current = config::current_backend_name(backend);
        if (current.empty()) {
            return Fault(fmt::format("--backends names {}", config::backend_names_text()));
        }
        backend = current;
    }
    return {};
}

std::expected<Request, std::string> read_request(const CommandLine& line) {
    Request request;
    request.files = line.words;
    if (!line.request.file.empty()) {
        request.files.insert(request.files.begin(), line.request.file);
    }
    request.options.read.overrides = line.request.overrides;
    request.options.read.default_profile = line.request.default_profile;
    for (const auto& [name, value] : line.own_flags) {
        if (name == "ignore") {
            add_words(request.options.ignored, value);
        } else if (name == "backends") {
            add_words(request.options.backends, value);
        }
    }
    const auto& overrides = line.request.overrides;
    const auto partition = std::ranges::find(overrides, "server.partition", &config::Override::key);
    if (partition != overrides.end() && !partition->values.empty()) {
        request.options.partition = partition->values.back();
        if (aws::find_partition(request.options.partition) == nullptr) {
            return Fault("--partition names no partition of AWS");
        }
    }
    request.is_diff = line.own_flag("diff") == "true";
    if (auto good = read_choices(line, request); !good) {
        return Fault(std::move(good.error()));
    }
    if (auto good = check_rules(request.options.ignored); !good) {
        return Fault(std::move(good.error()));
    }
    if (auto good = read_backends(request); !good) {
        return Fault(std::move(good.error()));
    }
    if (request.files.empty()) {
        return Fault("name the files to check; - is standard input");
    }
    if (std::ranges::count(request.files, "-") > 1) {
        return Fault("standard input can be read once");
    }
    if (request.is_diff && request.files.size() != 2) {
        return Fault("--diff takes two files: the old one and the new one");
    }
    if (request.is_diff && request.output == "sarif") {
        return Fault("--diff prints text or json");
    }
    return request;
}

constexpr std::string_view too_large = "more than 64 MiB";
constexpr std::string_view cut_short = "it cannot be read to its end";

std::expected<std::string, std::string> read_stream(std::istream& stream) {
    std::string text;
    std::array<char, 65536> chunk{};
    while (stream) {
        stream.read(chunk.data(), std::ssize(chunk));
        text.append(chunk.data(), static_cast<std::size_t>(stream.gcount()));
        if (text.size() > config::max_document_bytes) {
            return Fault(std::string(too_large));
        }
    }
    if (stream.bad()) {
        return Fault(std::string(cut_short));
    }
    return text;
}

std::string what_is_wrong(const FileReadError& error) {
    switch (error.kind) {
        case FileReadError::Kind::missing:
        case FileReadError::Kind::cannot_open:
            break;
        case FileReadError::Kind::directory:
            return "it is a directory";
        case FileReadError::Kind::cannot_read:
            return std::string(cut_short);
        case FileReadError::Kind::too_large:
            return std::string(too_large);
    }
    return error.code.message();
}

std::expected<check::Input, std::string> read_input(const std::string& file, const Surroundings& surroundings) {
    if (file == "-") {
        auto text = read_stream(surroundings.in);
        if (!text) {
            return Fault("standard input: " + text.error());
        }
        return check::Input{"<stdin>", *std::move(text)};
    }
    const auto fault = [&](std::string_view what) { return Fault(fmt::format("{}: {}", check::visible(file), what)); };
    auto text = read_whole_file(file, config::max_document_bytes);
    if (!text) {
        return fault(what_is_wrong(text.error()));
    }
    return check::Input{file, *std::move(text)};
}

bool fails(std::span<const check::Finding> findings, check::Severity fail_on) {
    return std::ranges::any_of(findings, [&](const check::Finding& finding) { return finding.severity >= fail_on; });
}

int print_findings(const Request& request, std::span<const check::Input> inputs, const Surroundings& surroundings) {
    const std::vector<check::Finding> findings = check::check(inputs, request.options);
    if (request.output == "json") {
        surroundings.out << check::findings_as_json(findings, inputs.size());
    } else if (request.output == "sarif") {
        surroundings.out << check::findings_as_sarif(findings);
    } else {
        surroundings.out << check::findings_as_text(findings);
    }
    return fails(findings, request.fail_on) ? failure : success;
}

/// A file without content maps nobody, so that one which is new or deleted can be compared, too.
check::Reading read_side(const check::Input& input, const check::ReadOptions& options) {
    return text::trim(input.text).empty() ? check::Reading{} : check::read(input, options);
}

int print_diff(const Request& request, std::span<const check::Input> inputs, const Surroundings& surroundings) {
    const check::ReadOptions& options = request.options.read;
    std::vector<check::Side> sides;
    std::vector<check::Finding> refusals;
    for (const check::Input& input : inputs) {
        check::Reading reading = read_side(input, options);
        std::ranges::copy_if(reading.findings, std::back_inserter(refusals), [](const check::Finding& finding) {
            return finding.severity == check::Severity::error;
        });
        sides.push_back(check::side_of(std::move(reading), options.default_profile));
    }
    surroundings.err << check::findings_as_text(refusals);
    const auto changes = check::changes_between(sides.front(), sides.back());
    surroundings.out << (request.output == "json" ? check::changes_as_json(changes) : check::changes_as_text(changes));
    return refusals.empty() ? success : failure;
}

}  // namespace

int run_check(const CommandLine& line, const Surroundings& surroundings) {
    const auto request = read_request(line);
    if (!request) {
        surroundings.err << fmt::format("Error: {}\n\n{}", request.error(), line.usage);
        return usage_error;
    }
    std::vector<check::Input> inputs;
    for (const std::string& file : request->files) {
        auto input = read_input(file, surroundings);
        if (!input) {
            surroundings.err << "Error: " << input.error() << '\n';
            return usage_error;
        }
        inputs.push_back(*std::move(input));
    }
    return request->is_diff ? print_diff(*request, inputs, surroundings)
                            : print_findings(*request, inputs, surroundings);
}

}  // namespace arngate::cli
