#include "core/review/decode.hpp"

#include "core/base/secret.hpp"
#include "core/review/read.hpp"

#include <simdjson.h>

#include <algorithm>
#include <cstddef>

namespace arngate::review {

static_assert(body_padding >= simdjson::SIMDJSON_PADDING);

namespace {

/// Levels of arrays and objects; a TokenReview has four.
constexpr std::size_t max_nesting = 32;
/// What a parser is made for at first; it grows when a larger body comes.
constexpr std::size_t usual_body_bytes = 8 * 1024;
/// Bodies are bounded where they are received; this bounds the parser whatever is configured there.
constexpr std::size_t max_body_bytes = std::size_t{16} * 1024 * 1024;

constexpr bool is_white(char c) noexcept {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/// The first JSON value of the text, without judging it: up to the bracket that closes the first one, or the first
/// word. What comes after is nobody's.
std::string_view first_value(std::string_view text) noexcept {
    std::size_t depth = 0;
    bool in_string = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (in_string) {
            if (c == '\\') {
                ++i;
            } else if (c == '"') {
                in_string = false;
            }
        } else if (c == '"') {
            in_string = true;
        } else if (c == '{' || c == '[') {
            ++depth;
        } else if (c == '}' || c == ']') {
            if (depth <= 1) {
                return text.substr(0, i + 1);
            }
            --depth;
        } else if (depth == 0 && (is_white(c) || c == ',')) {
            return text.substr(0, i);
        }
    }
    return text;
}

}  // namespace

// simdjson's DOM and not its on-demand interface: the latter does not check the values that are skipped, and a body is
// to be valid as a whole before anything in it counts.
struct Decoder::State {
    simdjson::dom::parser parser{max_body_bytes};
    simdjson::dom::document document;
    std::size_t used = 0;  ///< bytes of the body whose texts may stand in the document's buffer

    /// Makes room with our bound of nesting, which parse() would replace by its default.
    [[nodiscard]] bool reserve(std::size_t size) {
        if (size <= parser.capacity() && parser.max_depth() == max_nesting) {
            return true;
        }
        return size <= max_body_bytes &&
               parser.allocate(std::max(size, usual_body_bytes), max_nesting) == simdjson::SUCCESS;
    }

    void wipe_texts() noexcept {
        if (used == 0 || document.string_buf == nullptr) {
            return;
        }
        // The documented bound of what a body's texts need, see simdjson's document::allocate.
        wipe(document.string_buf.get(), 5 * used / 3 + simdjson::SIMDJSON_PADDING);
        used = 0;
    }
};

Decoder::Decoder(Strictness strictness) : state_(std::make_unique<State>()), strictness_(strictness) {}

Decoder::~Decoder() {
    forget();
}

void Decoder::forget() noexcept {
    state_->wipe_texts();
}

Result<TokenReview> Decoder::decode(std::string_view body) {
    forget();
    while (!body.empty() && is_white(body.front())) {
        body.remove_prefix(1);
    }
    const bool lenient = strictness_ == Strictness::lenient;
    if (lenient) {
        body = first_value(body);
        if (body == "null") {
            return TokenReview{};
        }
    }
    // Also keeps away byte order marks, which some versions of the parser skip.
    if (!body.starts_with('{')) {
        return fail(Reason::bad_request, "the body is not a JSON object");
    }
    if (!state_->reserve(body.size())) {
        return fail(Reason::bad_request, "the body is larger than can be read");
    }
    state_->used = body.size();
    simdjson::dom::element root;
    constexpr bool copy_body = false;
    const auto error =
        state_->parser.parse_into_document(state_->document, body.data(), body.size(), copy_body).get(root);
    if (error != simdjson::SUCCESS) {
        return fail(
            Reason::bad_request,
            error == simdjson::DEPTH_ERROR ? "the body is nested too deeply" : "the body is not valid JSON"
        );
    }
    simdjson::dom::object object;
    if (root.get(object) != simdjson::SUCCESS) {
        return fail(Reason::bad_request, "the body is not a JSON object");
    }
    return lenient ? read_lenient(object) : read_strict(object);
}

}  // namespace arngate::review
