#include "core/aws/arn.hpp"

#include "core/aws/partition.hpp"

#include <array>
#include <cstddef>

namespace arngate::aws {
namespace {

constexpr std::string_view arn_prefix = "arn:";

struct Sections {
    std::string_view partition;
    std::string_view service;
    std::string_view account;
    std::string_view resource;  ///< keeps its colons
    std::string_view type;      ///< the resource before its first '/'
};

/// The steps that reading an ARN always takes: prefix, sections, partition.
std::expected<Sections, ArnError> split_arn(std::string_view arn) {
    if (!arn.starts_with(arn_prefix)) {
        return std::unexpected(ArnError::invalid_prefix);
    }
    // partition, service, region, account; what follows the fourth colon is the resource.
    std::array<std::string_view, 4> parts;
    std::string_view rest = arn.substr(arn_prefix.size());
    for (auto& part : parts) {
        const auto colon = rest.find(':');
        if (colon == std::string_view::npos) {
            return std::unexpected(ArnError::not_enough_sections);
        }
        part = rest.substr(0, colon);
        rest.remove_prefix(colon + 1);
    }
    if (find_partition(parts[0]) == nullptr) {
        return std::unexpected(ArnError::unknown_partition);
    }
    return Sections{
        .partition = parts[0],
        .service = parts[1],
        .account = parts[3],
        .resource = rest,
        .type = rest.substr(0, rest.find('/')),
    };
}

bool has_role_path(const Sections& sections) noexcept {
    const auto last = sections.resource.rfind('/');
    return sections.type == "role" && last != std::string_view::npos && last != sections.type.size();
}

std::string role_arn(const Sections& sections, std::string_view name) {
    std::string out;
    out.reserve(arn_prefix.size() + sections.partition.size() + sections.account.size() + name.size() + 16);
    out += arn_prefix;
    out += sections.partition;
    out += ":iam::";
    out += sections.account;
    out += ":role/";
    out += name;
    return out;
}

}  // namespace

std::string_view describe(ArnError error) noexcept {
    switch (error) {
        case ArnError::invalid_prefix:
            return "an ARN begins with arn: in lower case, as in arn:aws:iam::123456789012:role/Admin";
        case ArnError::not_enough_sections:
            return "an ARN has six sections parted by colons, as in arn:aws:iam::123456789012:role/Admin";
        case ArnError::unknown_partition:
            return "the second section of the ARN is not a known partition such as aws, aws-cn or aws-us-gov";
        case ArnError::bad_service:
            return "the third section of the ARN is neither iam nor sts";
        case ArnError::bad_resource:
            return "the ARN is not one of a user, role, root, federated user or assumed role";
        case ArnError::no_role:
            return "an assumed role's ARN ends in assumed-role/<role>/<session>";
    }
    return "the ARN is not valid";
}

std::expected<CanonicalArn, ArnError> canonicalize(std::string_view arn) {
    const auto sections = split_arn(arn);
    if (!sections) {
        return std::unexpected(sections.error());
    }
    const auto make = [&](PrincipalKind kind, std::string text) {
        return CanonicalArn{
            .text = std::move(text),
            .kind = kind,
            .partition = std::string(sections->partition),
            .account = std::string(sections->account),
        };
    };
    const std::string_view type = sections->type;
    if (sections->service == "iam") {
        if (type == "user") {
            return make(PrincipalKind::user, std::string(arn));
        }
        if (type == "role") {
            return make(PrincipalKind::role, std::string(arn));
        }
        if (type == "root") {
            return make(PrincipalKind::root, std::string(arn));
        }
        return std::unexpected(ArnError::bad_resource);
    }
    if (sections->service != "sts") {
        return std::unexpected(ArnError::bad_service);
    }
    if (type == "federated-user") {
        return make(PrincipalKind::federated_user, std::string(arn));
    }
    if (type != "assumed-role") {
        return std::unexpected(ArnError::bad_resource);
    }
    // Between the type and the session (the last piece) lies the role; it may be empty, but both slashes must be there.
    const std::size_t first = type.size();
    const auto last = sections->resource.rfind('/');
    if (last == std::string_view::npos || last == first) {
        return std::unexpected(ArnError::no_role);
    }
    return make(
        PrincipalKind::assumed_role, role_arn(*sections, sections->resource.substr(first + 1, last - first - 1))
    );
}

bool has_role_path(std::string_view arn) noexcept {
    const auto sections = split_arn(arn);
    return sections && has_role_path(*sections);
}

std::expected<std::string, ArnError> strip_role_path(std::string_view arn) {
    const auto sections = split_arn(arn);
    if (!sections) {
        return std::unexpected(sections.error());
    }
    if (!has_role_path(*sections)) {
        return std::string(arn);
    }
    return role_arn(*sections, sections->resource.substr(sections->resource.rfind('/') + 1));
}

}  // namespace arngate::aws
