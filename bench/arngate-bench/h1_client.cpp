#include "bench/arngate-bench/http_client.hpp"

#include "core/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

namespace arngate::bench {
namespace {

constexpr std::size_t max_head_bytes = 16 * 1024;
constexpr std::size_t max_size_line = 128;

/// What an answer's head says (RFC 9112).
struct Head {
    int status = 0;
    bool is_chunked = false;
    bool closes = false;
    std::optional<std::size_t> length;
};

template <class Number>
bool parse_number(std::string_view text, Number& number, int base) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
    return !text.empty() && error == std::errc() && end == text.data() + text.size();
}

bool take_field(Head& head, std::string_view line) {
    const auto colon = line.find(':');
    if (colon == std::string_view::npos || colon == 0) {
        return false;
    }
    const std::string_view name = line.substr(0, colon);
    const std::string_view value = text::trim(line.substr(colon + 1));
    if (text::iequals(name, "content-length")) {
        std::size_t length = 0;
        if (head.length || !parse_number(value, length, 10)) {
            return false;
        }
        head.length = length;
    } else if (text::iequals(name, "transfer-encoding")) {
        head.is_chunked = text::iequals(value, "chunked");
        return head.is_chunked;
    } else if (text::iequals(name, "connection")) {
        head.closes = text::iequals(value, "close");
    }
    return true;
}

std::optional<Head> parse_head(std::string_view bytes) {
    Head head;
    const auto first_end = bytes.find("\r\n");
    const std::string_view first = bytes.substr(0, first_end);
    // "HTTP/1.1 200 OK"
    if (!first.starts_with("HTTP/1.") || first.size() < 12 || !parse_number(first.substr(9, 3), head.status, 10) ||
        head.status < 100) {
        return std::nullopt;
    }
    head.closes = first[7] == '0';
    bytes.remove_prefix(first_end + 2);
    while (!bytes.empty()) {
        const auto end = std::min(bytes.find("\r\n"), bytes.size());
        if (!take_field(head, bytes.substr(0, end))) {
            return std::nullopt;
        }
        bytes.remove_prefix(std::min(end + 2, bytes.size()));
    }
    if (head.is_chunked && head.length) {
        return std::nullopt;
    }
    return head;
}

/// One request at a time over a kept connection.
class H1Client final : public HttpClient {
public:
    explicit H1Client(const RequestShape& shape)
        : head_(fmt::format(
              "POST {} HTTP/1.1\r\nHost: {}\r\nUser-Agent: arngate-bench\r\nAccept: application/json\r\n"
              "Content-Type: application/json\r\nContent-Length: ",
              shape.path,
              shape.authority
          )) {}

    std::size_t room() const override { return ticket_ || closing_ ? 0 : 1; }
    bool is_closing() const override { return closing_; }
    bool cancel(std::uint32_t /*ticket*/) override { return false; }

    void send(std::uint32_t ticket, std::string_view body) override {
        ticket_ = ticket;
        fmt::format_to(std::back_inserter(output_), "{}{}\r\n\r\n{}", head_, body.size(), body);
    }

    void take_output(std::string& out) override {
        out += output_;
        output_.clear();
    }

    bool receive(std::string_view bytes) override {
        input_ += bytes;
        while (true) {
            switch (step()) {
                case Step::again:
                    continue;
                case Step::need_more:
                    input_.erase(0, position_);
                    position_ = 0;
                    return !closing_;
                case Step::broken:
                    closing_ = true;
                    return false;
            }
        }
    }

private:
    enum class State : std::uint8_t { head, body, chunk_size, chunk_data, trailer };
    enum class Step : std::uint8_t { again, need_more, broken };

    std::string_view rest() const { return std::string_view(input_).substr(position_); }

    Step step() {
        switch (state_) {
            case State::head:
                return read_head();
            case State::body:
                return read_body(State::head);
            case State::chunk_data:
                return read_body(State::chunk_size);
            case State::chunk_size:
                return read_chunk_size();
            case State::trailer:
                return read_trailer();
        }
        return Step::broken;
    }

    Step read_head() {
        if (rest().empty()) {
            return Step::need_more;
        }
        if (!ticket_) {
            return Step::broken;  // an answer that nobody asked for
        }
        const auto end = rest().find("\r\n\r\n");
        if (end == std::string_view::npos) {
            return rest().size() > max_head_bytes ? Step::broken : Step::need_more;
        }
        const auto head = parse_head(rest().substr(0, end + 2));
        if (!head || end > max_head_bytes) {
            return Step::broken;
        }
        position_ += end + 4;
        if (head->status < 200) {
            return ++interim_ > 8 ? Step::broken : Step::again;
        }
        status_ = head->status;
        closing_ = closing_ || head->closes;
        body_.clear();
        if (head->is_chunked) {
            state_ = State::chunk_size;
            return Step::again;
        }
        const bool has_none = head->status == 204 || head->status == 304;
        if (!has_none && (!head->length || *head->length > max_answer_bytes)) {
            return Step::broken;  // the end of the connection as the end of the body is not taken for an answer
        }
        missing_ = has_none ? 0 : *head->length;
        state_ = State::body;
        return Step::again;
    }

    Step read_body(State next) {
        const std::string_view part = rest().substr(0, missing_);
        body_ += part;
        position_ += part.size();
        missing_ -= part.size();
        if (missing_ > 0) {
            return Step::need_more;
        }
        if (next == State::head) {
            finish();
            return Step::again;
        }
        if (rest().size() < 2) {
            return Step::need_more;
        }
        if (!rest().starts_with("\r\n")) {
            return Step::broken;
        }
        position_ += 2;
        state_ = next;
        return Step::again;
    }

    Step read_chunk_size() {
        const auto end = rest().find("\r\n");
        if (end == std::string_view::npos || end > max_size_line) {
            return rest().size() > max_size_line ? Step::broken : Step::need_more;
        }
        const std::string_view digits = text::trim(rest().substr(0, std::min(end, rest().find(';'))));
        if (!parse_number(digits, missing_, 16) || missing_ > max_answer_bytes - body_.size()) {
            return Step::broken;
        }
        position_ += end + 2;
        state_ = missing_ == 0 ? State::trailer : State::chunk_data;
        trailer_bytes_ = 0;
        return Step::again;
    }

    Step read_trailer() {
        const auto end = rest().find("\r\n");
        if (end == std::string_view::npos) {
            return rest().size() + trailer_bytes_ > max_head_bytes ? Step::broken : Step::need_more;
        }
        trailer_bytes_ += end + 2;
        position_ += end + 2;
        if (trailer_bytes_ > max_head_bytes) {
            return Step::broken;
        }
        if (end == 0) {
            finish();
        }
        return Step::again;
    }

    void finish() {
        answers().push_back({.ticket = *ticket_, .status = status_, .verdict = verdict_of(body_)});
        ticket_.reset();
        interim_ = 0;
        state_ = State::head;
    }

    std::string head_;
    std::string output_;
    std::string input_;
    std::size_t position_ = 0;  ///< of the first byte of input_ that was not taken yet
    State state_ = State::head;
    std::optional<std::uint32_t> ticket_;
    int status_ = 0;
    unsigned interim_ = 0;
    std::string body_;
    std::size_t missing_ = 0;  ///< bytes of the body or chunk
    std::size_t trailer_bytes_ = 0;
    bool closing_ = false;
};

}  // namespace

std::unique_ptr<HttpClient> make_h1_client(const RequestShape& shape) {
    return std::make_unique<H1Client>(shape);
}

}  // namespace arngate::bench
