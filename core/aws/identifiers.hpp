#pragma once

#include <string_view>

/// The forms of ids that AWS gives. Pure, any thread.
namespace arngate::aws {

/// Twelve digits.
[[nodiscard]] bool is_account_id(std::string_view text) noexcept;

/// "i-" and 8 or 17 lower-case hex digits, the form of every id that EC2 gives: what EC2 may be asked about. Whoever
/// may assume a role may choose any session name.
[[nodiscard]] bool is_ec2_instance_id(std::string_view text) noexcept;

/// "i-" and 8 or 17 ASCII letters, digits or underscores: what the Go server takes for an instance id where a template
/// says {{EC2PrivateDNSName}}. Holds for more texts than `is_ec2_instance_id`, and for all of those.
[[nodiscard]] bool has_instance_id_shape(std::string_view text) noexcept;

}  // namespace arngate::aws
