#include "config/describe.hpp"
#include "config/schema_sections.hpp"
#include "core/base/text.hpp"

#include <fmt/format.h>

/// The reference page, docs/configuration.md.
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

}  // namespace

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

}  // namespace arngate::config
