#pragma once

#include "core/base/result.hpp"
#include "core/mapping/node_names.hpp"
#include "core/sts/caller_identity.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace arngate::mapping {

/// A username or group as an operator writes it, with marks for values of the caller: {{AccountID}}, {{SessionName}}
/// (each '@' turned into '-'), {{SessionNameRaw}}, {{AccessKeyID}} and {{EC2PrivateDNSName}}. Marks are exact; any
/// other text, "{{Session}}" or "{{ AccountID }}" included, stands for itself. Rendered in one pass: a value is never
/// read as a template. Immutable after construction; every text is a valid template.
class UsernameTemplate {
public:
    enum class Mark : std::uint8_t { account_id, session_name, session_name_raw, access_key_id, ec2_private_dns_name };
    /// A mark, or text that stands for itself.
    struct Piece {
        std::optional<Mark> mark;
        std::string_view literal;  ///< of the template, which must outlive it; empty for a mark
    };

    explicit UsernameTemplate(std::string_view text);

    /// `names` may be nullptr: then a template that asks for an EC2 name fails.
    /// Errors: template_failed; the detail never holds a value of the caller.
    [[nodiscard]] Result<std::string> render(const sts::CallerIdentity& identity, const NodeNames* names) const;

    [[nodiscard]] bool asks_node_name() const noexcept;
    /// In the order written; no two literals follow each other.
    [[nodiscard]] std::vector<Piece> pieces() const;

private:
    /// A mark stands before the byte of literals_ at `at`.
    struct Place {
        std::uint32_t at;
        Mark mark;
    };
    struct MarkName;
    static const MarkName* mark_at(std::string_view text) noexcept;

    std::string literals_;  ///< the text without its marks
    std::vector<Place> places_;
};

}  // namespace arngate::mapping
