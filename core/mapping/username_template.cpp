#include "core/mapping/username_template.hpp"

#include "core/aws/identifiers.hpp"
#include "core/base/text.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>

namespace arngate::mapping {

struct UsernameTemplate::MarkName {
    std::string_view text;
    Mark mark;
};

const UsernameTemplate::MarkName* UsernameTemplate::mark_at(std::string_view text) noexcept {
    static constexpr std::array names{
        MarkName{"{{AccountID}}", Mark::account_id},
        MarkName{"{{SessionName}}", Mark::session_name},
        MarkName{"{{SessionNameRaw}}", Mark::session_name_raw},
        MarkName{"{{AccessKeyID}}", Mark::access_key_id},
        MarkName{"{{EC2PrivateDNSName}}", Mark::ec2_private_dns_name},
    };
    const auto* found =
        std::ranges::find_if(names, [text](const MarkName& name) { return text.starts_with(name.text); });
    return found == names.end() ? nullptr : found;
}

UsernameTemplate::UsernameTemplate(std::string_view text) {
    while (!text.empty()) {
        const std::size_t brace = text.find("{{");
        literals_.append(text.substr(0, brace));
        if (brace == std::string_view::npos) {
            break;
        }
        text.remove_prefix(brace);
        if (const MarkName* name = mark_at(text)) {
            places_.push_back({static_cast<std::uint32_t>(literals_.size()), name->mark});
            text.remove_prefix(name->text.size());
        } else {
            // One brace only: the next may be the first of a mark, as in "{{{AccountID}}}".
            literals_.push_back(text.front());
            text.remove_prefix(1);
        }
    }
    literals_.shrink_to_fit();
    places_.shrink_to_fit();
}

bool UsernameTemplate::asks_node_name() const noexcept {
    return std::ranges::any_of(places_, [](const Place& place) { return place.mark == Mark::ec2_private_dns_name; });
}

std::vector<UsernameTemplate::Piece> UsernameTemplate::pieces() const {
    std::vector<Piece> pieces;
    const std::string_view literals = literals_;
    std::size_t taken = 0;
    const auto take_until = [&](std::size_t end) {
        if (end > taken) {
            pieces.push_back({std::nullopt, literals.substr(taken, end - taken)});
        }
        taken = end;
    };
    for (const Place& place : places_) {
        take_until(place.at);
        pieces.push_back({place.mark, {}});
    }
    take_until(literals.size());
    return pieces;
}

namespace {

Result<std::string> node_name(const sts::CallerIdentity& identity, const NodeNames* names) {
    if (!aws::has_instance_id_shape(identity.session_name)) {
        return fail(Reason::template_failed, "{{EC2PrivateDNSName}}: the session name is not an EC2 instance id");
    }
    if (names == nullptr) {
        return fail(
            Reason::template_failed, "EC2 private DNS names are not available: this server does not ask EC2 for them"
        );
    }
    std::optional<std::string> name = names->private_dns_name(identity.session_name);
    if (!name || name->empty()) {
        return fail(Reason::template_failed, "EC2 gave no private DNS name for the caller's instance");
    }
    return *std::move(name);
}

}  // namespace

Result<std::string> UsernameTemplate::render(const sts::CallerIdentity& identity, const NodeNames* names) const {
    std::string node;
    if (asks_node_name()) {
        Result<std::string> name = node_name(identity, names);
        if (!name) {
            return name;
        }
        node = *std::move(name);
    }
    std::string out;
    std::size_t copied = 0;
    for (const Place& place : places_) {
        out.append(literals_, copied, place.at - copied);
        copied = place.at;
        switch (place.mark) {
            case Mark::account_id:
                out.append(identity.account_id);
                break;
            case Mark::session_name: {
                const std::size_t begin = out.size();
                out.append(identity.session_name);
                std::replace(out.begin() + static_cast<std::ptrdiff_t>(begin), out.end(), '@', '-');
                break;
            }
            case Mark::session_name_raw:
                out.append(identity.session_name);
                break;
            case Mark::access_key_id:
                out.append(identity.access_key_id);
                break;
            case Mark::ec2_private_dns_name:
                out.append(node);
                break;
        }
    }
    out.append(literals_, copied);
    return out;
}

}  // namespace arngate::mapping
