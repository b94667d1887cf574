#include "config/describe.hpp"

#include "config/backends.hpp"
#include "core/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>

namespace arngate::config {
namespace {

std::string_view type_text(ValueType type) {
    switch (type) {
        case ValueType::text:
            return "text";
        case ValueType::boolean:
            return "boolean";
        case ValueType::integer:
            return "whole number";
        case ValueType::size:
            return "size";
        case ValueType::duration:
            return "duration";
        case ValueType::text_list:
            return "list of texts";
        case ValueType::enumeration:
            return "word";
        case ValueType::object_list:
            return "list of entries";
    }
    return {};
}

std::string_view section_of(std::string_view path) {
    const std::size_t dot = path.rfind('.');
    return dot == std::string_view::npos ? std::string_view() : path.substr(0, dot);
}

std::string_view leaf_of(std::string_view path) {
    const std::size_t dot = path.rfind('.');
    return dot == std::string_view::npos ? path : path.substr(dot + 1);
}

/// The sections in the order of the schema, the empty one first.
std::vector<std::string_view> sections() {
    std::vector<std::string_view> found;
    for (const Key& key : schema()) {
        const std::string_view section = section_of(key.path);
        if (std::ranges::find(found, section) == found.end())
            found.push_back(section);
    }
    return found;
}

std::string escape_cell(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '|')
            out += '\\';
        out += c;
    }
    return out;
}

std::string default_cell(const Key& key) {
    std::string cell = key.default_text.empty() ? std::string() : fmt::format("`{}`", key.default_text);
    if (!key.reference_default.empty())
        cell += fmt::format(" (`reference`: `{}`)", key.reference_default);
    return cell;
}

std::string row(const Key& key) {
    std::string type(type_text(key.type));
    if (!key.constraint.empty() && key.type != ValueType::boolean)
        type += fmt::format(": {}", key.constraint);
    std::string outside;
    if (!key.flag.empty()) {
        if (key.short_flag != 0)
            outside += fmt::format("`-{}`, ", key.short_flag);
        outside += fmt::format("`{}`", key.flag);
        outside += key.flag_commands == "*" ? " (every command)" : fmt::format(" ({})", key.flag_commands);
    }
    for (const std::string_view variable : text::split(key.environment, ' ')) {
        if (variable.empty())
            continue;
        if (!outside.empty())
            outside += ", ";
        outside += fmt::format("`{}`", variable);
    }
    std::string description(key.description);
    if (key.flag_only)
        description += " Ignored in files.";
    if (key.obsolete)
        description = "Obsolete. " + description;
    if (key.reloadable)
        description += " *Reloaded on SIGHUP.*";
    return fmt::format(
        "| `{}` | {} | {} | {} | {} |\n",
        leaf_of(key.path),
        escape_cell(type),
        default_cell(key),
        escape_cell(outside),
        escape_cell(description)
    );
}

constexpr std::string_view page_head = R"(# Configuration

<!-- Generated from config/schema; ARNGATE_REGENERATE=1 config_test writes it anew. -->

arngate reads one file, named by `--config`; its extension says the format: `.yaml`, `.yml`, `.json`, `.toml`, `.env` or
`.dotenv`. A value comes from the flag, else the environment variable, else the file, else the default. Clients (`token`,
`verify`) and the server may share one file; a client does not look at what only a server reads.

Every key but those of mapping entries has an environment variable made from its path: `server.tls.certFile` is
`ARNGATE_SERVER_TLS_CERT_FILE`. Where a key has two variables, the one named first wins. A variable that is set to nothing
counts as not set, and so does one that Kubernetes made for a Service (`tcp://…`). Lists are split at commas.

The profile, `compat`, decides the defaults: `arngate`, or `reference`, which answers as aws-iam-authenticator does and is
the default when the program is invoked by that name. A key that is given beats its profile.

`arngate check` reads a file as the server would and names every fault with its line and column, such as

```
config.yaml:12:9: server.port: found "abc", expected a whole number from 0 to 65535.
```

A server with a fault in its configuration does not start, and a reload with a fault changes nothing. Unknown keys are
named and ignored.

- Letter case does not matter in keys. A key may stand once; twice in any letter case is an error.
- A duration is written `250ms`, `30s`, `5m` or `1h30m`; a plain number is seconds.
- A size is written `64KiB`, `8MiB`, `1GiB` or as a number of bytes.
- Numbers and booleans become text where text is wanted. A number or a boolean that cannot be read is an error.
- Account ids belong in quotes: YAML reads `012345678901` as a number and drops its zero.
- Values with a template belong in quotes: `username: "{{SessionName}}"`.
- Aliases and merge keys (`<<`) of YAML work within limits: 64 MiB, 32 levels.
- `.env` files hold lines of `KEY=value`; a dot leads into a section: `server.port=443`. Values may stand in quotes, and
  `$NAME` is refused, not expanded. Mapping entries need one of the other formats.
- SIGHUP reads the configuration again. What a key not marked *Reloaded on SIGHUP* says then acts at the next start; one
  warning names each such key that has changed.

)";

constexpr std::string_view entries_text = R"(## Entries

`server.mapRoles` is a list of

| field | meaning |
| --- | --- |
| `rolearn` | ARN of the role; an assumed-role ARN counts as its role |
| `rolearnLike` | instead of `rolearn`: a pattern for roles of one account, such as `arn:aws:iam::123456789012:role/dev-*`; `*` stands for any characters, `?` for exactly one; the name begins with at least three literal characters |
| `sso` | instead of `rolearn`: `permissionSetName`, `accountID` (12 digits, in quotes) and `partition` (default `aws`) of an IAM Identity Center permission set |
| `username` | the Kubernetes username, a template |
| `groups` | list of Kubernetes groups, templates; a text is split at commas |
| `userid` | principal id, for strict dynamic files |

and `server.mapUsers` of the same with `userarn` in place of `rolearn`, `rolearnLike` and `sso`. Where two entries name the same ARN the
later one wins, with a warning. Exact entries come before patterns and permission sets. Roles that differ in their paths alone are an error while `mapping.stripRolePaths` is on.

`server.reservedPrefixConfig` is a list of

| field | meaning |
| --- | --- |
| `backendmode` | current name of a backend |
| `usernamePrefixReserveList` | list of prefixes; a text is split at commas |

`sts.partitions` is a list of at most 8

| field | meaning |
| --- | --- |
| `id` | as ARNs have it, such as `aws-eusc` |
| `dnsSuffix` | of its hosts: `amazonaws.eu` of `sts.eusc-de-east-1.amazonaws.eu` |
| `dualStackSuffix` | of its dual-stack hosts, if it has some |
| `regions` | list of its regions |

)";

constexpr std::string_view example_mapping = R"(  mapRoles:
    - rolearn: arn:aws:iam::123456789012:role/ClusterAdmin
      username: "admin:{{SessionName}}"
      groups: ["system:masters"]
    - sso:
        permissionSetName: ViewOnly
        accountID: "123456789012"
      username: "viewer:{{SessionName}}"
      groups: ["viewers"]
  mapUsers:
    - userarn: arn:aws:iam::123456789012:user/alice
      username: alice
      groups: ["developers"]
  mapAccounts:
    - "012345678901"
)";

std::string json_text(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\')
            out += '\\';
        out += c;
    }
    return out + "\"";
}

std::string json_words(std::string_view words) {
    std::string out;
    for (const std::string_view word : text::split(words, ' '))
        out += (out.empty() ? "" : ", ") + json_text(word);
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
            return fmt::format(R"(, "default": [{}])", json_text(key.default_text));
        case ValueType::text:
        case ValueType::size:
        case ValueType::duration:
        case ValueType::enumeration:
        case ValueType::object_list:
            break;
    }
    return fmt::format(R"(, "default": {})", json_text(key.default_text));
}

std::string json_description(const Key& key) {
    std::string text(key.description);
    if (!key.constraint.empty() && key.type != ValueType::boolean)
        text += fmt::format(" Takes {}.", key.constraint);
    return json_text(text);
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
        members.push_back(fmt::format("{:{}}{}: {{ {} }}", "", indent, json_text(name), body));
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

/// Text of a comment, in lines of at most 100 characters.
std::string comment(std::string_view text, std::size_t indent) {
    std::string out;
    std::string line;
    const auto flush = [&] {
        if (!line.empty())
            out += fmt::format("{:{}}#{}\n", "", indent, line);
        line.clear();
    };
    for (const std::string_view word : text::split(text, ' ')) {
        if (line.size() + word.size() > 100)
            flush();
        line += ' ';
        line += word;
    }
    flush();
    return out;
}

std::string example_key(const Key& key, std::size_t indent) {
    std::string text(key.description);
    if (!key.constraint.empty())
        text += fmt::format(" ({})", key.constraint);
    std::string value(key.default_text);
    if (key.type == ValueType::text_list)
        value = value.empty() ? "[]" : fmt::format("[{}]", value);
    if (value.empty())
        value = key.type == ValueType::integer ? "0" : "\"\"";
    if (key.type == ValueType::enumeration || key.type == ValueType::text) {
        if (!key.default_text.empty())
            value = fmt::format("\"{}\"", value);
    }
    return comment(text, indent) + fmt::format("{:{}}#{}: {}\n", "", indent, leaf_of(key.path), value);
}

}  // namespace

std::vector<const Key*> flags_of(std::string_view command) {
    std::vector<const Key*> flags;
    for (const Key& key : schema()) {
        if (key.flag.empty())
            continue;
        const auto commands = text::split(key.flag_commands, ' ');
        if (key.flag_commands == "*" || std::ranges::find(commands, command) != commands.end())
            flags.push_back(&key);
    }
    return flags;
}

std::string flag_help(const Key& key) {
    std::vector<std::string> notes;
    if (!key.constraint.empty() && key.type != ValueType::boolean)
        notes.emplace_back(key.constraint);
    if (!key.default_text.empty() && key.type != ValueType::boolean) {
        notes.push_back(fmt::format("default {}", key.default_text));
    }
    if (!key.flag_only)
        notes.push_back(fmt::format("key {}", key.path));
    if (!key.environment.empty())
        notes.push_back(fmt::format("environment {}", key.environment));
    std::string text(key.description);
    std::erase(text, '`');
    if (!notes.empty())
        text += fmt::format(" [{}]", fmt::join(notes, "; "));
    return text;
}

std::string markdown_reference() {
    std::string page(page_head);
    for (const std::string_view section : sections()) {
        page += section.empty() ? std::string("## Top level\n\n") : fmt::format("## `{}`\n\n", section);
        page += "| key | type | default | flag, environment | meaning |\n| --- | --- | --- | --- | --- |\n";
        for (const Key& key : schema()) {
            if (section_of(key.path) == section)
                page += row(key);
        }
        page += '\n';
    }
    page += entries_text;
    page += "## Example\n\nEvery key with its default:\n\n```yaml\n" + example_config() + "```\n";
    return page;
}

std::string json_schema() {
    std::string out = "{\n  \"$schema\": \"https://json-schema.org/draft/2020-12/schema\",\n";
    out += "  \"title\": \"Configuration of arngate\",\n  ";
    out += json_section({}, 2);
    out += ",\n";
    out += json_entries;
    out += "}\n";
    return out;
}

std::string example_config() {
    std::string out =
        "# Configuration of arngate. A key right behind a # has the value shown there unless it is set.\n\n";
    out += "# Tokens are signed for this name and accepted for it alone.\nclusterID: my-cluster\n";
    for (const std::string_view section : sections()) {
        std::size_t indent = 0;
        const bool live = section.empty() || section == "server";
        if (!section.empty()) {
            indent = 2 * static_cast<std::size_t>(1 + std::ranges::count(section, '.'));
            out += live ? "\nserver:\n"
                        : fmt::format("{}{:{}}#{}:\n", indent > 2 ? "" : "\n", "", indent - 2, leaf_of(section));
            if (section == "server")
                out += example_mapping;
        }
        for (const Key& key : schema()) {
            if (section_of(key.path) != section || key.flag_only || key.obsolete || key.path == "clusterID")
                continue;
            if (key.type == ValueType::object_list || key.path == "server.mapAccounts")
                continue;
            if (is_section(key.path))
                continue;
            out += example_key(key, indent);
        }
    }
    return out;
}

}  // namespace arngate::config
