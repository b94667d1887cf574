#include "config/chain/mapping_copy.hpp"

#include "core/aws/sigv4.hpp"

#include <fmt/format.h>

#include <chrono>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

namespace arngate::config {
namespace {

using mapping::MatchBy;
using mapping::Rule;
using mapping::SsoRole;

constexpr std::string_view magic = "arngate-mapping-copy 1 ";
constexpr std::size_t digest_letters = 64;
/// No item of a list takes less: a length of four bytes.
constexpr std::size_t least_item = 4;
/// In the year 2262; a WallTime, which counts nanoseconds, goes no further.
constexpr std::int64_t last_second =
    std::chrono::duration_cast<std::chrono::seconds>(WallTime::max().time_since_epoch()).count();

class Writer {
public:
    void number(std::uint64_t value, int bytes) {
        for (int i = 0; i < bytes; ++i) {
            out_.push_back(static_cast<char>(static_cast<unsigned char>(value >> (8 * i))));
        }
    }
    void count(std::size_t value) { number(value, 4); }
    void text(std::string_view value) {
        count(value.size());
        out_ += value;
    }
    void texts(const std::vector<std::string>& values) {
        count(values.size());
        for (const std::string& value : values) {
            text(value);
        }
    }
    void rules(const std::vector<Rule>& values) {
        count(values.size());
        for (const Rule& rule : values) {
            text(rule.arn);
            count(rule.sso.size());
            for (const SsoRole& sso : rule.sso) {
                text(sso.permission_set_name);
                text(sso.account_id);
                text(sso.partition);
            }
            text(rule.username);
            texts(rule.groups);
            text(rule.user_id);
            text(rule.arn_like);
            text(rule.origin.file);
            number(static_cast<std::uint32_t>(rule.origin.line), 4);
            number(static_cast<std::uint32_t>(rule.origin.column), 4);
        }
    }
    [[nodiscard]] std::string& out() noexcept { return out_; }

private:
    std::string out_;
};

/// After the first field that is not whole everything else is empty, and `broken` stays true.
class Reader {
public:
    explicit Reader(std::string_view bytes) : left_(bytes) {}

    std::uint64_t number(std::size_t bytes) {
        if (left_.size() < bytes) {
            fail();
            return 0;
        }
        std::uint64_t value = 0;
        for (std::size_t i = 0; i < bytes; ++i) {
            value |= std::uint64_t{static_cast<unsigned char>(left_[i])} << (8 * i);
        }
        left_.remove_prefix(bytes);
        return value;
    }
    std::string text() {
        const auto size = static_cast<std::size_t>(number(4));
        if (left_.size() < size) {
            fail();
            return {};
        }
        std::string value(left_.substr(0, size));
        left_.remove_prefix(size);
        return value;
    }
    /// Of items that follow; never more than could be there.
    std::size_t count() {
        const auto items = static_cast<std::size_t>(number(4));
        if (items > left_.size() / least_item) {
            fail();
            return 0;
        }
        return items;
    }
    std::vector<std::string> texts() {
        std::vector<std::string> values;
        for (std::size_t left = count(); left > 0 && !broken_; --left) {
            values.push_back(text());
        }
        return values;
    }
    int position() {
        const std::uint64_t value = number(4);
        if (value > std::uint64_t{std::numeric_limits<int>::max()}) {
            fail();
            return 0;
        }
        return static_cast<int>(value);
    }
    std::vector<Rule> rules() {
        std::vector<Rule> values;
        for (std::size_t left = count(); left > 0 && !broken_; --left) {
            Rule rule;
            rule.arn = text();
            const std::size_t ssos = count();
            if (ssos > 1) {
                fail();
            }
            for (std::size_t i = 0; i < ssos && !broken_; ++i) {
                SsoRole sso;
                sso.permission_set_name = text();
                sso.account_id = text();
                sso.partition = text();
                rule.sso.push_back(std::move(sso));
            }
            rule.username = text();
            rule.groups = texts();
            rule.user_id = text();
            rule.arn_like = text();
            rule.origin.file = text();
            rule.origin.line = position();
            rule.origin.column = position();
            values.push_back(std::move(rule));
        }
        return values;
    }
    void fail() noexcept {
        broken_ = true;
        left_ = {};
    }
    [[nodiscard]] bool broken() const noexcept { return broken_; }
    [[nodiscard]] bool at_end() const noexcept { return left_.empty(); }

private:
    std::string_view left_;
    bool broken_ = false;
};

}  // namespace

std::expected<std::string, std::string> encode_copy(
    std::string_view place, WallTime read_at, const mapping::SourceRules& rules
) {
    Writer writer;
    writer.text(place);
    const auto seconds = std::chrono::floor<std::chrono::seconds>(read_at.time_since_epoch()).count();
    writer.number(static_cast<std::uint64_t>(seconds), 8);
    writer.text(rules.source);
    writer.number(static_cast<std::uint64_t>(std::to_underlying(rules.match)), 1);
    writer.rules(rules.roles);
    writer.rules(rules.users);
    writer.texts(rules.accounts);
    writer.texts(rules.reserved_prefixes);
    std::string& fields = writer.out();
    const std::string line = fmt::format("{}{}\n", magic, aws::sha256_hex(fields));
    if (line.size() + fields.size() > max_copy_bytes) {
        return std::unexpected(fmt::format("it would be larger than {} bytes", max_copy_bytes));
    }
    fields.insert(0, line);
    return std::move(fields);
}

std::expected<MappingCopy, std::string> decode_copy_fields(std::string_view fields) {
    Reader reader(fields);
    MappingCopy copy;
    copy.place = reader.text();
    const std::uint64_t seconds = reader.number(8);
    copy.rules.source = reader.text();
    const std::uint64_t match = reader.number(1);
    copy.rules.roles = reader.rules();
    copy.rules.users = reader.rules();
    copy.rules.accounts = reader.texts();
    copy.rules.reserved_prefixes = reader.texts();
    if (reader.broken() || !reader.at_end()) {
        return std::unexpected("its fields are not whole");
    }
    if (seconds > std::uint64_t{last_second} || match > std::uint64_t{std::to_underlying(MatchBy::user_id)}) {
        return std::unexpected("a field has a value that no version writes");
    }
    copy.read_at = WallTime(std::chrono::seconds(static_cast<std::int64_t>(seconds)));
    copy.rules.match = static_cast<MatchBy>(match);
    return copy;
}

std::expected<MappingCopy, std::string> decode_copy(std::string_view bytes) {
    if (bytes.size() > max_copy_bytes) {
        return std::unexpected(fmt::format("it is larger than {} bytes", max_copy_bytes));
    }
    if (!bytes.starts_with(magic)) {
        return std::unexpected("it is no copy of a mapping, or one of another version");
    }
    bytes.remove_prefix(magic.size());
    if (bytes.size() <= digest_letters || bytes[digest_letters] != '\n') {
        return std::unexpected("it is cut short");
    }
    const std::string_view fields = bytes.substr(digest_letters + 1);
    if (bytes.substr(0, digest_letters) != aws::sha256_hex(fields)) {
        return std::unexpected("its checksum differs");
    }
    return decode_copy_fields(fields);
}

}  // namespace arngate::config
