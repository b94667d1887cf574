#include "config/yaml_document.hpp"

#include "config/plain_scalar.hpp"
#include "config/plain_yaml.hpp"
#include "core/base/text.hpp"

#include <simdjson.h>
#include <yaml-cpp/anchor.h>
#include <yaml-cpp/emitterstyle.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <optional>
#include <sstream>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace arngate::config {
namespace {

/// Ends reading from inside a callback of yaml-cpp; never leaves this file.
struct Refusal {
    SyntaxError error;
};

Position position_of(const YAML::Mark& mark) {
    return mark.is_null() ? Position{} : Position{mark.line + 1, mark.column + 1};
}

[[noreturn]] void refuse(Position at, std::string found, std::string advice = {}) {
    throw Refusal{{at, std::move(found), std::move(advice)}};
}

/// What copying the value costs, and how deep it goes.
struct Extent {
    std::size_t cost = 1;
    std::size_t depth = 0;
};

Extent extent_of(const Node& node) {
    Extent all{1 + node.text.size() / 64, 0};
    const auto add = [&](const Node& inner) {
        const Extent extent = extent_of(inner);
        all.cost += extent.cost;
        all.depth = std::max(all.depth, extent.depth + 1);
    };
    for (const Node& item : node.items)
        add(item);
    for (const Member& member : node.members)
        add(member.value);
    return all;
}

/// Adds the members of `source` that `target` lacks.
void merge_into(Node& target, const Node& source) {
    for (const Member& member : source.members) {
        if (target.find(member.key) == nullptr)
            target.members.push_back(member);
    }
}

/// Resolves the merge key (yaml.org/type/merge.html): keys of the map itself win, then earlier maps of a list.
void resolve_merge(Node& map) {
    const auto merge = std::ranges::find_if(map.members, [](const Member& member) { return member.key == "<<"; });
    if (merge == map.members.end())
        return;
    const Node sources = std::move(merge->value);
    const Position at = merge->at;
    map.members.erase(merge);
    if (sources.kind == Node::Kind::map) {
        merge_into(map, sources);
        return;
    }
    const bool maps_only =
        std::ranges::all_of(sources.items, [](const Node& item) { return item.kind == Node::Kind::map; });
    if (sources.kind != Node::Kind::list || !maps_only)
        refuse(at, "a merge key << whose value is no map");
    for (const Node& source : sources.items)
        merge_into(map, source);
}

/// Builds the tree from the parser's events.
class Builder final : public YAML::EventHandler {
public:
    explicit Builder(YamlDialect dialect, std::size_t spent = 0) : dialect_(dialect), cost_(spent) {}

    Node take() { return std::move(root_); }
    [[nodiscard]] std::size_t cost() const noexcept { return cost_; }

    void OnDocumentStart(const YAML::Mark& /*mark*/) override {}
    void OnDocumentEnd() override {}

    void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        Node node;
        node.at = position_of(mark);
        finish(std::move(node), anchor);
    }

    void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, const std::string& value)
        override {
        const Position at = position_of(mark);
        const bool plain = tag.empty() || tag == "?" || tag == "tag:yaml.org,2002:int" ||
                           tag == "tag:yaml.org,2002:float" || tag == "tag:yaml.org,2002:bool" ||
                           tag == "tag:yaml.org,2002:null";
        Node node;
        node.at = at;
        if (plain && !awaits_key()) {  // a key is text however it looks
            set_plain_scalar(node, value, dialect_);
        } else {
            node.kind = Node::Kind::text;
            node.text = value;
        }
        finish(std::move(node), anchor);
    }

    void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        const Position at = position_of(mark);
        const auto found = anchors_.find(anchor);
        if (found == anchors_.end())
            refuse(at, "an alias inside the value that it stands for");
        if (open_.size() + found->second.extent.depth > max_document_depth)
            too_deep(at);
        spend(at, found->second.extent.cost);
        attach(Node(found->second.node));
    }

    void OnSequenceStart(
        const YAML::Mark& mark, const std::string& /*tag*/, YAML::anchor_t anchor, YAML::EmitterStyle::value /*style*/
    ) override {
        open(mark, anchor, Node::Kind::list);
    }
    void OnMapStart(
        const YAML::Mark& mark, const std::string& /*tag*/, YAML::anchor_t anchor, YAML::EmitterStyle::value /*style*/
    ) override {
        open(mark, anchor, Node::Kind::map);
    }
    void OnSequenceEnd() override { close(); }
    void OnMapEnd() override { close(); }

private:
    struct Open {
        Node node;
        YAML::anchor_t anchor;
        std::optional<Member> key;  ///< the key whose value comes next
    };
    struct Anchored {
        Node node;
        Extent extent;
    };

    [[noreturn]] static void too_deep(Position at) {
        refuse(at, "more than " + std::to_string(max_document_depth) + " maps and lists inside each other");
    }

    void spend(Position at, std::size_t cost) {
        cost_ += cost;
        if (cost_ > max_yaml_cost)
            refuse(at, "more values than a configuration may hold");
    }

    [[nodiscard]] bool awaits_key() const {
        return !open_.empty() && open_.back().node.kind == Node::Kind::map && !open_.back().key;
    }

    void open(const YAML::Mark& mark, YAML::anchor_t anchor, Node::Kind kind) {
        const Position at = position_of(mark);
        if (awaits_key())
            refuse(at, "a map or list where a key must stand", std::string(quote_templates));
        if (open_.size() >= max_document_depth)
            too_deep(at);
        spend(at, 1);
        Open opened;
        opened.node.kind = kind;
        opened.node.at = at;
        opened.anchor = anchor;
        open_.push_back(std::move(opened));
    }

    void close() {
        Open closed = std::move(open_.back());
        open_.pop_back();
        if (closed.node.kind == Node::Kind::map)
            resolve_merge(closed.node);
        remember(closed.node, closed.anchor);
        attach(std::move(closed.node));
    }

    void finish(Node node, YAML::anchor_t anchor) {
        spend(node.at, 1 + node.text.size() / 64);
        remember(node, anchor);
        attach(std::move(node));
    }

    void remember(const Node& node, YAML::anchor_t anchor) {
        if (anchor == YAML::NullAnchor)
            return;
        const Extent extent = extent_of(node);
        spend(node.at, extent.cost);
        anchors_.insert_or_assign(anchor, Anchored{node, extent});
    }

    void attach(Node node) {
        if (open_.empty()) {
            root_ = std::move(node);
            return;
        }
        Open& parent = open_.back();
        if (parent.node.kind == Node::Kind::list) {
            parent.node.items.push_back(std::move(node));
            return;
        }
        if (!parent.key) {
            if (node.kind != Node::Kind::text)
                refuse(node.at, "no text where a key must stand");
            parent.key = Member{std::move(node.text), node.at, {}};
            return;
        }
        parent.key->value = std::move(node);
        parent.node.members.push_back(*std::exchange(parent.key, std::nullopt));
    }

    YamlDialect dialect_;
    Node root_;
    std::vector<Open> open_;
    std::unordered_map<YAML::anchor_t, Anchored> anchors_;
    std::size_t cost_;
};

std::string_view line_of(std::string_view text, int line) {
    for (int current = 1; current < line; ++current) {
        const std::size_t end = text.find('\n');
        if (end == std::string_view::npos)
            return {};
        text.remove_prefix(end + 1);
    }
    return text.substr(0, text.find('\n'));
}

/// The commonest cause first: a template without quotes, then a tab.
std::string advice_for(std::string_view text, Position at) {
    for (const int line : {at.line, at.line - 1}) {
        if (line < 1)
            continue;
        const std::string_view content = line_of(text, line);
        if (content.find("{{") != std::string_view::npos)
            return std::string(quote_templates);
        const std::size_t indent = content.find_first_not_of(" \t");
        if (content.substr(0, indent).find('\t') != std::string_view::npos)
            return "Indent with blanks, not with tabs.";
    }
    return {};
}

/// How many bytes the character at the beginning of a text has; 0: none that YAML allows (YAML 1.2, section 5.1).
std::size_t character(std::string_view text) {
    const auto lead = static_cast<unsigned char>(text.front());
    if (lead < 0x80)
        return (lead >= 0x20 && lead != 0x7f) || lead == '\t' || lead == '\n' || lead == '\r' ? 1 : 0;
    const std::string_view all = text.substr(0, lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4);
    const bool is_control = lead == 0xc2 && all != "\xc2\x85" && all < "\xc2\xa0";
    const bool is_none = all == "\xef\xbf\xbe" || all == "\xef\xbf\xbf";
    return simdjson::validate_utf8(all.data(), all.size()) && !is_control && !is_none ? all.size() : 0;
}

/// Most texts are no more than this, and it is quickly seen.
bool is_printable_ascii(std::string_view text) {
    bool others = false;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        others |= (byte < 0x20 && c != '\t' && c != '\n' && c != '\r') || byte >= 0x7f;
    }
    return !others;
}

/// The first character that may not be in YAML. yaml-cpp passes most of them on, and ends at a byte 0x04. Texts in
/// UTF-16, by their byte order mark (section 5.2), are left to it.
std::optional<SyntaxError> find_forbidden(std::string_view text) {
    if (is_printable_ascii(text) || text.starts_with("\xff\xfe") || text.starts_with("\xfe\xff"))
        return std::nullopt;
    Position at{1, 1};
    while (!text.empty()) {
        const std::size_t length = character(text);
        if (length == 0) {
            const bool is_ascii = static_cast<unsigned char>(text.front()) < 0x80;
            return is_ascii ? SyntaxError{at, "a control character", "Take it out, or escape it in double quotes."}
                            : SyntaxError{at, "bytes that are no character of UTF-8", "Save it as UTF-8."};
        }
        at = text.front() == '\n' ? Position{at.line + 1, 1} : Position{at.line, at.column + 1};
        text.remove_prefix(length);
    }
    return std::nullopt;
}

/// yaml-cpp does not get beyond some characters, and finds an empty document there again and again.
bool is_same_place(const Node& document, const Node& next) {
    return document.kind == Node::Kind::null && next.kind == Node::Kind::null && document.at.line != 0 &&
           document.at.line == next.at.line && document.at.column == next.at.column;
}

[[noreturn]] void refuse_stuck(const Node& document) {
    refuse(document.at, "a character that begins no value", "Text that begins with it must stand in quotes.");
}

/// What follows the first document does not count, unless the reader is still there.
void check_not_stuck(YAML::Parser& parser, YamlDialect dialect, const Node& document) {
    if (document.kind != Node::Kind::null)
        return;
    Builder next(dialect);
    try {
        if (!parser.HandleNextDocument(next))
            return;
    } catch (const Refusal&) {
        return;
    } catch (const YAML::Exception&) {
        return;
    }
    if (is_same_place(document, next.take()))
        refuse_stuck(document);
}

/// Runs a reader of the text; what is thrown inside becomes an error.
template <class T, class Read>
std::expected<T, SyntaxError> guarded(std::string_view text, Read read) {
    try {
        std::istringstream stream{std::string(text)};
        YAML::Parser parser(stream);
        return read(parser);
    } catch (Refusal& refusal) {
        if (refusal.error.advice == quote_templates && advice_for(text, refusal.error.at) != quote_templates) {
            refusal.error.advice = "Check that every bracket and brace is closed.";
        }
        return std::unexpected(std::move(refusal.error));
    } catch (const YAML::Exception& error) {
        const Position at = position_of(error.mark);
        return std::unexpected(SyntaxError{at, "text that is not YAML: " + error.msg, advice_for(text, at)});
    }
}

}  // namespace

std::expected<Node, SyntaxError> read_yaml(std::string_view text, YamlDialect dialect) {
    if (auto forbidden = find_forbidden(text))
        return std::unexpected(*std::move(forbidden));
    if (text.size() >= large_yaml_bytes) {
        if (auto root = read_plain_yaml(text, dialect))
            return *std::move(root);
    }
    return guarded<Node>(text, [&](YAML::Parser& parser) -> std::expected<Node, SyntaxError> {
        Builder builder(dialect);
        if (!parser.HandleNextDocument(builder))
            return Node{};
        Builder rest(dialect);
        if (dialect == YamlDialect::configuration && parser.HandleNextDocument(rest)) {
            const Position at = rest.take().at;
            return std::unexpected(SyntaxError{at, "a second document", "Keep one document in the file."});
        }
        Node root = builder.take();
        if (dialect == YamlDialect::kubernetes)
            check_not_stuck(parser, dialect, root);
        return root;
    });
}

std::expected<std::vector<Node>, SyntaxError> read_yaml_documents(std::string_view text, YamlDialect dialect) {
    using Documents = std::vector<Node>;
    if (auto forbidden = find_forbidden(text))
        return std::unexpected(*std::move(forbidden));
    return guarded<Documents>(text, [&](YAML::Parser& parser) -> std::expected<Documents, SyntaxError> {
        Documents documents;
        std::size_t spent = 0;
        for (;;) {
            Builder builder(dialect, spent);
            if (!parser.HandleNextDocument(builder))
                return documents;
            Node document = builder.take();
            if (!documents.empty() && is_same_place(documents.back(), document))
                refuse_stuck(document);
            documents.push_back(std::move(document));
            spent = builder.cost() + 1;
            if (spent > max_yaml_cost)
                refuse(documents.back().at, "more values than a configuration may hold");
        }
    });
}

}  // namespace arngate::config
