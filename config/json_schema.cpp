#include "config/describe.hpp"
#include "config/schema_sections.hpp"
#include "core/base/json_text.hpp"
#include "core/base/text.hpp"

#include <fmt/format.h>

#include <cstddef>

/// The JSON Schema, docs/config.schema.json.
namespace arngate::config {
namespace {

std::string json_words(std::string_view words) {
    std::string out;
    for (const std::string_view word : text::split(words, ' '))
        out += (out.empty() ? "" : ", ") + json_string(word);
    return out;
}

/// The members that say what values of the key look like, without braces.
std::string json_type(const Key& key) {
    switch (key.type) {
        case ValueType::boolean:
            return R"("type": "boolean")";
        case ValueType::integer:
            return fmt::format(R"("type": "integer", "minimum": {}, "maximum": {})", key.minimum, key.maximum);
        case ValueType::size:
            return R"("type": ["string", "integer"], "pattern": "^[0-9]+([KMG]iB?)?$")";
        case ValueType::duration:
            return fmt::format(
                R"("type": ["string", "integer"], "pattern": "^({}[0-9]+([.][0-9]+)?|([0-9]+([.][0-9]+)?(ms|s|m|h))+)$")",
                key.choices.empty() ? std::string() : std::string(key.choices) + "|"
            );
        case ValueType::enumeration:
            if (key.any_case)
                return R"("type": "string")";
            return fmt::format(
                R"("type": "string", "{}": [{}])", key.is_partition ? "examples" : "enum", json_words(key.choices)
            );
        case ValueType::text_list:
            return R"("type": ["string", "array"], "items": { "type": "string" })";
        case ValueType::object_list:
            return fmt::format(
                R"("type": "array", "items": {{ "$ref": "#/$defs/{}" }})",
                key.path == "server.mapRoles"   ? "role"
                : key.path == "server.mapUsers" ? "user"
                : key.path == "sts.partitions"  ? "partition"
                                                : "reservedPrefix"
            );
        case ValueType::text:
            break;
    }
    return R"("type": "string")";
}

std::string json_default(const Key& key) {
    if (key.default_text.empty())
        return {};
    switch (key.type) {
        case ValueType::boolean:
        case ValueType::integer:
            return fmt::format(R"(, "default": {})", key.default_text);
        case ValueType::text_list:
            return fmt::format(R"(, "default": [{}])", json_string(key.default_text));
        case ValueType::text:
        case ValueType::size:
        case ValueType::duration:
        case ValueType::enumeration:
        case ValueType::object_list:
            break;
    }
    return fmt::format(R"(, "default": {})", json_string(key.default_text));
}

std::string json_description(const Key& key) {
    std::string text(key.description);
    if (!key.constraint.empty() && key.type != ValueType::boolean)
        text += fmt::format(" Takes {}.", key.constraint);
    return json_string(text);
}

std::string json_properties(std::string_view section, std::size_t indent);

std::string json_section(std::string_view section, std::size_t indent) {
    return "\"type\": \"object\", \"additionalProperties\": false, \"properties\": {\n" +
           json_properties(section, indent + 2) + std::string(indent, ' ') + "}";
}

/// The members of one section and the sections right below it, one a line.
std::string json_properties(std::string_view section, std::size_t indent) {
    std::vector<std::string> members;
    const auto member = [&](std::string_view name, std::string_view body) {
        members.push_back(fmt::format("{:{}}{}: {{ {} }}", "", indent, json_string(name), body));
    };
    for (const Key& key : schema()) {
        if (section_of(key.path) != section || key.flag_only)
            continue;
        std::string body = json_type(key);
        if (is_section(key.path)) {  // a client's key and a server's section of one name
            body = fmt::format("\"anyOf\": [{{ {} }}, {{ {} }}]", body, json_section(key.path, indent));
        }
        body += json_default(key);
        if (key.obsolete)
            body += R"(, "deprecated": true)";
        body += fmt::format(R"(, "description": {})", json_description(key));
        member(leaf_of(key.path), body);
    }
    for (const std::string_view below : sections()) {
        if (below.empty() || section_of(below) != section || find_key(below) != nullptr)
            continue;
        member(leaf_of(below), json_section(below, indent));
    }
    return fmt::format("{}\n", fmt::join(members, ",\n"));
}

constexpr std::string_view json_entries = R"(  "$defs": {
    "texts": { "type": ["string", "array"], "items": { "type": "string" } },
    "sso": {
      "type": "object", "additionalProperties": false, "required": ["permissionSetName", "accountID"],
      "properties": {
        "permissionSetName": { "type": "string", "pattern": "^[A-Za-z0-9_+=,.@-]{1,32}$" },
        "accountID": { "type": "string", "pattern": "^[0-9]{12}$" },
        "partition": { "$ref": "#/properties/partition" }
      }
    },
    "role": {
      "type": "object", "additionalProperties": false, "required": ["username"],
      "oneOf": [{ "required": ["rolearn"] }, { "required": ["rolearnLike"] }, { "required": ["sso"] }],
      "properties": {
        "rolearn": { "type": "string", "pattern": "^arn:" },
        "rolearnLike": { "type": "string", "pattern": "^[Aa][Rr][Nn]:[^:*?]+:[Ii][Aa][Mm]::[0-9]{12}:[Rr][Oo][Ll][Ee]/[A-Za-z0-9_+=,.@-]{3}[A-Za-z0-9_+=,.@*?-]*[*?]" },
        "sso": { "$ref": "#/$defs/sso" },
        "username": { "type": "string", "minLength": 1 },
        "groups": { "$ref": "#/$defs/texts" },
        "userid": { "type": "string" }
      }
    },
    "user": {
      "type": "object", "additionalProperties": false, "required": ["userarn", "username"],
      "properties": {
        "userarn": { "type": "string", "pattern": "^[Aa][Rr][Nn]:" },
        "username": { "type": "string", "minLength": 1 },
        "groups": { "$ref": "#/$defs/texts" },
        "userid": { "type": "string" }
      }
    },
    "partition": {
      "type": "object", "additionalProperties": false, "required": ["id", "dnsSuffix", "regions"],
      "properties": {
        "id": { "type": "string", "pattern": "^aws-[a-z0-9-]*[a-z0-9]$" },
        "dnsSuffix": { "type": "string", "format": "hostname" },
        "dualStackSuffix": { "type": "string", "format": "hostname" },
        "regions": { "$ref": "#/$defs/texts" }
      }
    },
    "reservedPrefix": {
      "type": "object", "additionalProperties": false, "required": ["backendmode", "usernamePrefixReserveList"],
      "properties": {
        "backendmode": { "type": "string", "enum": ["MountedFile", "EKSConfigMap", "CRD", "DynamicFile"] },
        "usernamePrefixReserveList": { "$ref": "#/$defs/texts" }
      }
    }
  }
)";

}  // namespace

std::string json_schema() {
    std::string out = "{\n  \"$schema\": \"https://json-schema.org/draft/2020-12/schema\",\n";
    out += "  \"title\": \"Configuration of arngate\",\n  ";
    out += json_section({}, 2);
    out += ",\n";
    out += json_entries;
    out += "}\n";
    return out;
}

}  // namespace arngate::config
