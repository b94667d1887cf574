#include "core/ec2/describe_instances.hpp"

#include "core/aws/identifiers.hpp"
#include "core/aws/query_error.hpp"
#include "core/aws/xml_reader.hpp"
#include "core/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>
#include <utility>

namespace arngate::ec2 {
namespace {

using Kind = DescribeError::Kind;
using Path = std::span<const std::string_view>;

constexpr std::size_t max_name_bytes = 253;
constexpr std::size_t max_label_bytes = 63;

constexpr std::array<std::string_view, 1> root{"DescribeInstancesResponse"};
constexpr std::array<std::string_view, 2> next_token{root[0], "nextToken"};
constexpr std::array<std::string_view, 3> reservation{root[0], "reservationSet", "item"};
constexpr std::array<std::string_view, 4> owner{root[0], "reservationSet", "item", "ownerId"};
constexpr std::array<std::string_view, 5> instance{root[0], "reservationSet", "item", "instancesSet", "item"};
constexpr std::array<std::string_view, 6> instance_id{
    root[0], "reservationSet", "item", "instancesSet", "item", "instanceId"
};
constexpr std::array<std::string_view, 6> private_dns_name{
    root[0], "reservationSet", "item", "instancesSet", "item", "privateDnsName"
};

/// RFC 1123: what may become a part of a username.
bool is_host_name(std::string_view text) {
    if (text.size() > max_name_bytes) {
        return false;
    }
    return std::ranges::all_of(text::split(text, '.'), [](std::string_view label) {
        return !label.empty() && label.size() <= max_label_bytes && label.front() != '-' && label.back() != '-' &&
               std::ranges::all_of(label, [](char c) { return text::is_alnum(c) || c == '-'; });
    });
}

/// Collects what the elements say. Each method gives false when the answer cannot be used.
class Collector {
public:
    explicit Collector(std::span<const std::string> asked) : asked_(asked) {}

    [[nodiscard]] bool start(Path path) {
        if (path.size() == 1) {
            return aws::is_path(path, root);
        }
        if (aws::is_path(path, reservation)) {
            owner_.reset();
            members_.clear();
        } else if (aws::is_path(path, instance)) {
            id_.reset();
            name_.reset();
        } else if (aws::is_path(path, owner)) {
            return open(owner_);
        } else if (aws::is_path(path, instance_id)) {
            return open(id_);
        } else if (aws::is_path(path, private_dns_name)) {
            return open(name_);
        }
        return true;
    }

    void text(Path path, const std::string& text) {
        if (aws::is_path(path, owner)) {
            owner_ = text;
        } else if (aws::is_path(path, instance_id)) {
            id_ = text;
        } else if (aws::is_path(path, private_dns_name)) {
            name_ = text;
        } else if (aws::is_path(path, next_token)) {
            described_.has_more = true;
        }
    }

    [[nodiscard]] bool end(Path path) {
        if (aws::is_path(path, instance)) {
            if (!id_) {
                return false;
            }
            members_.push_back({.id = *id_, .private_dns_name = name_.value_or(std::string()), .owner_account = {}});
        } else if (aws::is_path(path, reservation)) {
            return take_members();
        }
        return true;
    }

    [[nodiscard]] Described take() { return std::move(described_); }

private:
    /// An element that may occur once.
    static bool open(std::optional<std::string>& field) {
        const bool first = !field;
        field.emplace();
        return first;
    }

    bool take_members() {
        if (!members_.empty() && (!owner_ || !aws::is_account_id(*owner_))) {
            return false;
        }
        for (Instance& member : members_) {
            if (std::ranges::find(asked_, member.id) == asked_.end()) {
                continue;
            }
            if (std::ranges::find(described_.instances, member.id, &Instance::id) != described_.instances.end()) {
                return false;
            }
            if (!is_host_name(member.private_dns_name)) {
                member.private_dns_name.clear();
            }
            member.owner_account = *owner_;
            described_.instances.push_back(std::move(member));
        }
        return true;
    }

    std::span<const std::string> asked_;
    Described described_;
    std::optional<std::string> owner_;
    std::vector<Instance> members_;  ///< of the reservation that is being read
    std::optional<std::string> id_;
    std::optional<std::string> name_;
};

std::unexpected<DescribeError> bad_answer() {
    return std::unexpected(DescribeError{
        .kind = Kind::bad_answer, .detail = "EC2 answered 200 with a body that cannot be used", .named = {}
    });
}

Kind kind_of(aws::QueryFailure failure) {
    switch (failure) {
        case aws::QueryFailure::throttled:
            return Kind::throttled;
        case aws::QueryFailure::unavailable:
            return Kind::unavailable;
        case aws::QueryFailure::bad_credentials:
            return Kind::bad_credentials;
        case aws::QueryFailure::refused:
            break;
    }
    return Kind::refused;
}

/// "The instance IDs 'i-0123456789abcdef0, i-01234567' do not exist": an id counts where it stands alone.
bool names(std::string_view message, std::string_view id) {
    for (auto at = message.find(id); at != std::string_view::npos; at = message.find(id, at + id.size())) {
        const std::size_t after = at + id.size();
        const bool starts = at == 0 || (!text::is_alnum(message[at - 1]) && message[at - 1] != '-');
        if (starts && (after == message.size() || !text::is_alnum(message[after]))) {
            return true;
        }
    }
    return false;
}

DescribeError read_error(int status, std::string_view body, std::span<const std::string> asked) {
    DescribeError result;
    const auto error = aws::parse_query_error(body);
    const std::string code = error ? error->code : std::string();
    result.detail =
        code.empty() ? fmt::format("EC2 answered {}", status) : fmt::format("EC2 answered {} ({})", status, code);
    if (status < 300) {
        result.kind = Kind::bad_answer;
        return result;
    }
    // InvalidInstanceID.NotFound and InvalidInstanceID.Malformed.
    if (status < 500 && code.starts_with("InvalidInstanceID")) {
        result.kind = Kind::unknown_instance;
        std::ranges::copy_if(asked, std::back_inserter(result.named), [&](const std::string& id) {
            return names(error->message, id);
        });
        return result;
    }
    result.kind = kind_of(aws::classify_query_failure(status, code));
    return result;
}

}  // namespace

std::string_view label(DescribeError::Kind kind) noexcept {
    switch (kind) {
        case Kind::unknown_instance:
            return "unknown_instance";
        case Kind::throttled:
            return "throttled";
        case Kind::unavailable:
            return "unavailable";
        case Kind::bad_credentials:
            return "bad_credentials";
        case Kind::refused:
            return "refused";
        case Kind::bad_answer:
            break;
    }
    return "bad_answer";
}

aws::RequestToSign describe_instances_request(std::string host, std::string region, std::span<const std::string> ids) {
    aws::RequestToSign request;
    request.host = std::move(host);
    request.region = std::move(region);
    request.service = "ec2";
    request.parameters.reserve(ids.size() + 2);
    request.parameters.emplace_back("Action", "DescribeInstances");
    request.parameters.emplace_back("Version", "2016-11-15");
    for (std::size_t i = 0; i < ids.size(); ++i) {
        request.parameters.emplace_back(fmt::format("InstanceId.{}", i + 1), ids[i]);
    }
    return request;
}

std::expected<Described, DescribeError> parse_describe_instances(
    int status, std::string_view body, std::span<const std::string> asked
) {
    if (status != 200) {
        return std::unexpected(read_error(status, body, asked));
    }
    aws::XmlReader reader(body);
    Collector collector(asked);
    for (;;) {
        switch (reader.next()) {
            case aws::XmlReader::Event::start:
                if (!collector.start(reader.path())) {
                    return bad_answer();
                }
                break;
            case aws::XmlReader::Event::text:
                collector.text(reader.path(), reader.text());
                break;
            case aws::XmlReader::Event::end:
                if (!collector.end(reader.path())) {
                    return bad_answer();
                }
                break;
            case aws::XmlReader::Event::done:
                return collector.take();
            case aws::XmlReader::Event::malformed:
                return bad_answer();
        }
    }
}

}  // namespace arngate::ec2
