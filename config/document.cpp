#include "config/document.hpp"

#include "config/dotenv_document.hpp"
#include "config/toml_document.hpp"
#include "config/yaml_document.hpp"
#include "core/base/file.hpp"
#include "core/base/text.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <unordered_map>
#include <utility>

namespace arngate::config {
namespace {

Problem problem_of(const std::string& file, std::string found, std::string advice) {
    Problem problem;
    problem.file = file;
    problem.found = std::move(found);
    problem.advice = std::move(advice);
    return problem;
}

Problem problem_at(Position at, const std::string& file, std::string found, std::string advice) {
    Problem problem = problem_of(file, std::move(found), std::move(advice));
    problem.line = at.line;
    problem.column = at.column;
    return problem;
}

void move_places(const PlaceInFile& place_in_file, Node& node) {
    node.at = place_in_file(node.at);
    for (Node& item : node.items)
        move_places(place_in_file, item);
    for (Member& member : node.members) {
        member.at = place_in_file(member.at);
        move_places(place_in_file, member.value);
    }
}

/// The extension in lower case, without the dot; empty if there is none.
std::string extension_of(const std::string& file) {
    const std::string extension = std::filesystem::path(file).extension().string();
    return extension.empty() ? extension : text::to_lower(std::string_view(extension).substr(1));
}

/// What is wrong with a configuration file that cannot be read.
Problem problem_of(const std::string& file, const FileReadError& error) {
    switch (error.kind) {
        case FileReadError::Kind::missing:
            return problem_of(file, "no such file", "Check the path given with --config.");
        case FileReadError::Kind::directory:
            return problem_of(file, "a directory", "Give the file itself with --config.");
        case FileReadError::Kind::cannot_open:
            return problem_of(file, "a file that cannot be opened: " + error.code.message(), {});
        case FileReadError::Kind::cannot_read:
            return problem_of(file, "a file that cannot be read to its end", {});
        case FileReadError::Kind::too_large:
            return problem_of(file, "more than 64 MiB", "A configuration file may have 64 MiB at most.");
    }
    return {};
}

/// The keys that lead to a value, put together only for who wants to read them.
struct KeyPath {
    const KeyPath* above = nullptr;
    std::string_view key;

    [[nodiscard]] std::string text() const {
        return above == nullptr ? std::string(key) : above->text() + '.' + std::string(key);
    }
};

/// Maps of so many members are searched one by one: a large mapping has very many small ones.
constexpr std::size_t few_members = 8;

void find_duplicates(const std::string& file, const KeyPath* above, const Node& node, Problems& problems) {
    if (node.items.empty() && node.members.empty())
        return;
    for (const Node& item : node.items)
        find_duplicates(file, above, item, problems);
    std::unordered_map<std::string, const Member*> seen;
    for (const Member& member : node.members) {
        const KeyPath path{above, member.key};
        const Member* other = node.members.size() <= few_members
                                  ? node.find(member.key)
                                  : seen.try_emplace(text::to_lower(member.key), &member).first->second;
        if (other != &member) {
            Problem problem = problem_at(
                member.at,
                file,
                fmt::format("the key of line {} again", other->at.line) +
                    (other->key == member.key ? "" : ", in other letter case"),
                "Letter case does not matter in keys; delete one of the two."
            );
            problem.key = path.text();
            problem.expected = "each key once";
            problem.rule = "duplicate-key";
            problems.push_back(std::move(problem));
        }
        find_duplicates(file, &path, member.value, problems);
    }
}

// Of a node that may or may not be changed.

template <class AnyNode>
auto member_of(AnyNode& node, std::string_view key) noexcept -> decltype(node.members.data()) {
    for (auto& member : node.members) {
        if (text::iequals(member.key, key))
            return &member;
    }
    return nullptr;
}

template <class AnyNode>
auto member_at(AnyNode& root, std::string_view path) noexcept -> decltype(root.members.data()) {
    const std::size_t dot = path.find('.');
    auto* member = member_of(root, path.substr(0, dot));
    if (member == nullptr || dot == std::string_view::npos)
        return member;
    return member_at(member->value, path.substr(dot + 1));
}

}  // namespace

const Member* Node::find(std::string_view key) const noexcept {
    return member_of(*this, key);
}

Member* Node::find(std::string_view key) noexcept {
    return member_of(*this, key);
}

Node text_node(std::string text) {
    Node node;
    node.kind = Node::Kind::text;
    node.text = std::move(text);
    return node;
}

std::expected<Node, Problems> parse_document(
    const std::string& file, std::string_view text, const PlaceInFile& place_in_file
) {
    const std::string extension = extension_of(file);
    std::expected<Node, SyntaxError> root;
    if (extension == "yaml" || extension == "yml" || extension == "json") {
        root = read_yaml(text);
    } else if (extension == "toml") {
        root = read_toml(text);
    } else if (extension == "env" || extension == "dotenv") {
        root = read_dotenv(text);
    } else {
        Problem problem = problem_of(
            file,
            extension.empty() ? "a file name without extension" : fmt::format("the extension .{}", extension),
            "Rename the file to the format that it has."
        );
        problem.expected = "a file name that ends in .yaml, .yml, .json, .toml, .env or .dotenv";
        return std::unexpected(Problems{std::move(problem)});
    }
    if (!root) {
        SyntaxError& error = root.error();
        const Position at = place_in_file ? place_in_file(error.at) : error.at;
        return std::unexpected(Problems{problem_at(at, file, std::move(error.found), std::move(error.advice))});
    }
    if (place_in_file)
        move_places(place_in_file, *root);
    if (root->kind != Node::Kind::map && root->kind != Node::Kind::null) {
        Problem problem = problem_at(root->at, file, describe_node(*root), "Write lines of the form key: value.");
        problem.expected = "keys and values";
        return std::unexpected(Problems{std::move(problem)});
    }
    Problems problems;
    find_duplicates(file, nullptr, *root, problems);
    if (!problems.empty())
        return std::unexpected(std::move(problems));
    return std::move(*root);
}

std::expected<Node, Problems> read_document(const std::string& file) {
    const auto text = read_whole_file(file, max_document_bytes);
    if (!text)
        return std::unexpected(Problems{problem_of(file, text.error())});
    return parse_document(file, *text);
}

const Member* find_path(const Node& root, std::string_view path) noexcept {
    return member_at(root, path);
}

Member* find_path(Node& root, std::string_view path) noexcept {
    return member_at(root, path);
}

std::string describe_node(const Node& node) {
    switch (node.kind) {
        case Node::Kind::null:
            return "nothing";
        case Node::Kind::list:
            return node.items.empty() ? "an empty list" : "a list";
        case Node::Kind::map:
            return "a map";
        case Node::Kind::text:
        case Node::Kind::boolean:
            return quote(node.text);
        case Node::Kind::number:
            return quote(node.written);
    }
    return {};
}

}  // namespace arngate::config
