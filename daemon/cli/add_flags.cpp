#include "daemon/cli/add_flags.hpp"

#include <fmt/format.h>

#include <string_view>
#include <utility>

namespace arngate::cli {

namespace {

using Kind = config::AwsAuthEntry::Kind;

/// Reads one field off the line, up to its comma or the end.
std::optional<std::string> take_field(std::string_view& line) {
    if (!line.starts_with('"')) {
        const std::string_view field = line.substr(0, line.find(','));
        line.remove_prefix(field.size());
        return field.contains('"') ? std::nullopt : std::optional(std::string(field));
    }
    std::string field;
    for (line.remove_prefix(1); !line.empty(); line.remove_prefix(1)) {
        if (line.front() == '"') {
            line.remove_prefix(1);
            if (line.empty() || line.front() == ',') {
                return field;
            }
            if (line.front() != '"') {
                return std::nullopt;
            }
        }
        field += line.front();
    }
    return std::nullopt;
}

class FlagReader {
public:
    explicit FlagReader(Kind kind) { flags_.kind = kind; }

    std::expected<AddFlags, std::string> read(const CommandLine& line) {
        for (const auto& [name, value] : line.own_flags) {
            if (name == "groups") {
                add_groups(value);
            } else if (name == "sso") {
                add_sso(value);
            } else {
                set(name, value);
            }
        }
        if (!wrong_.empty()) {
            return std::unexpected(std::move(wrong_));
        }
        return std::move(flags_);
    }

private:
    void set(std::string_view name, const std::string& value) {
        if (name == "prompt") {
            flags_.prompt = value == "true";
        } else if (name == "userarn" || name == "rolearn") {
            flags_.arn = value;
        } else if (name == "username") {
            flags_.username = value;
        } else if (name == "kubeconfig") {
            flags_.kubeconfig = value;
        } else if (name == "kubeconfig-context") {
            flags_.context = value;
        } else if (name == "master-url") {
            flags_.master_url = value;
        }
    }

    void add_groups(std::string_view value) {
        auto fields = csv_fields(value);
        if (!fields) {
            wrong_ = "invalid argument for \"--groups\" flag: expected names between commas";
            return;
        }
        for (std::string& field : *fields) {
            flags_.groups.push_back(std::move(field));
        }
    }

    void add_sso(std::string_view value) {
        constexpr std::string_view fault = "invalid argument for \"--sso\" flag: expected key=value between commas";
        if (!flags_.sso) {
            flags_.sso.emplace();
        }
        const auto fields = csv_fields(value);
        if (!fields) {
            wrong_ = fault;
            return;
        }
        for (const std::string& field : *fields) {
            const auto equals = field.find('=');
            if (equals == field.npos) {
                wrong_ = fault;
                return;
            }
            flags_.sso->insert_or_assign(field.substr(0, equals), field.substr(equals + 1));
        }
    }

    AddFlags flags_;
    std::string wrong_;
};

}  // namespace

std::optional<std::vector<std::string>> csv_fields(std::string_view line) {
    std::vector<std::string> fields;
    if (line.empty()) {
        return fields;
    }
    if (line.find_first_of("\r\n") != line.npos) {
        return std::nullopt;
    }
    for (;;) {
        auto field = take_field(line);
        if (!field) {
            return std::nullopt;
        }
        fields.push_back(std::move(*field));
        if (line.empty()) {
            return fields;
        }
        line.remove_prefix(1);
    }
}

std::expected<AddFlags, std::string> read_add_flags(const CommandLine& line) {
    return FlagReader(line.command == Command::add_user ? Kind::user : Kind::role).read(line);
}

}  // namespace arngate::cli
