#include "daemon/cli/man_page.hpp"

#include "config/schema.hpp"
#include "config/value.hpp"
#include "core/base/text.hpp"
#include "core/base/version.hpp"
#include "daemon/cli/surroundings.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

namespace arngate::cli {

namespace {

/// A line of text as roff shows it unchanged: no escapes, hyphens that can be copied, no request.
std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '\\') {
            out += "\\e";
        } else if (c == '-') {
            out += "\\-";
        } else if (c == '\n') {
            out += ' ';
        } else {
            out += c;
        }
    }
    return out.starts_with('.') || out.starts_with('\'') ? "\\&" + out : out;
}

/// Text between lines of its own, as it stands.
std::string preformatted(std::string_view text) {
    std::string out = ".nf\n";
    while (text.ends_with('\n')) {
        text.remove_suffix(1);
    }
    for (const std::string_view line : text::split(text, '\n')) {
        out += escaped(line) + '\n';
    }
    return out + ".fi\n";
}

std::string page_name(std::string_view command) {
    std::string name = "arngate";
    for (const char c : command.empty() ? std::string() : ' ' + std::string(command)) {
        name += c == ' ' ? '-' : c;
    }
    return name;
}

std::string head(std::string_view name, int section, std::string_view summary) {
    std::string title;
    for (const char c : name) {
        title += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    }
    return fmt::format(
        ".TH \"{}\" {} \"\" \"arngate {}\" \"arngate manual\"\n.SH NAME\n{} \\- {}\n",
        escaped(title),
        section,
        escaped(version()),
        escaped(name),
        escaped(summary)
    );
}

std::string options(std::string_view title, std::vector<Flag> flags) {
    if (flags.empty()) {
        return {};
    }
    std::ranges::sort(flags, {}, &Flag::name);
    std::string out = fmt::format(".SH {}\n", title);
    for (const Flag& flag : flags) {
        out += ".TP\n";
        if (flag.short_name != 0) {
            out += fmt::format("\\fB\\-{}\\fR, ", flag.short_name);
        }
        out += fmt::format("\\fB\\-\\-{}\\fR", escaped(flag.name));
        if (!flag.is_boolean) {
            out += fmt::format(" \\fI{}\\fR", escaped(flag.value_name));
        }
        out += '\n' + escaped(flag.help) + '\n';
    }
    return out;
}

std::string exit_status(Command command) {
    if (command == Command::check) {
        return fmt::format(
            ".SH \"EXIT STATUS\"\n.TP\n.B {}\nNothing of the severity that \\-\\-fail\\-on names was found.\n"
            ".TP\n.B {}\nSomething was.\n.TP\n.B {}\nA flag is wrong, or a file cannot be read.\n",
            success,
            failure,
            usage_error
        );
    }
    return fmt::format(
        ".SH \"EXIT STATUS\"\n.TP\n.B {}\nThe command did what it was asked for.\n.TP\n.B {}\nIt did not; standard "
        "error "
        "says why.\n",
        success,
        failure
    );
}

std::string see_also(std::vector<std::string> pages) {
    std::string out = ".SH \"SEE ALSO\"\n";
    std::string_view between;
    for (const std::string& page : pages) {
        const std::size_t dot = page.rfind('.');
        out += fmt::format("{}.BR {} ({})", between, escaped(page.substr(0, dot)), page.substr(dot + 1));
        between = " ,\n";
    }
    return out + '\n';
}

ManPage command_page(const CommandInfo& command) {
    const std::string name = page_name(command.name);
    std::string text = head(name, 1, command.summary);
    text += fmt::format(
        ".SH SYNOPSIS\n.B arngate {}\n{}\n",
        escaped(command.name),
        command.is_group           ? ".I COMMAND"
        : command.operands.empty() ? "[\\fIflags\\fR]"
                                   : fmt::format("[\\fIflags\\fR] {}", escaped(command.operands))
    );
    text += ".SH DESCRIPTION\n" + escaped(command.summary) + ".\n";
    if (!command.details.empty()) {
        text += ".PP\n" + preformatted(command.details);
    }
    const auto global = global_flags();
    text += options("OPTIONS", own_flags(command));
    text += options("\"OPTIONS OF EVERY COMMAND\"", {global.begin(), global.end()});
    text += exit_status(command.command);
    text += see_also({"arngate.1", "arngate-config.5"});
    return {name + ".1", std::move(text)};
}

ManPage program_page() {
    std::string text = head("arngate", 1, "lets a Kubernetes cluster trust AWS IAM identities");
    text +=
        ".SH SYNOPSIS\n.B arngate\n.I COMMAND\n[\\fIflags\\fR]\n.SH DESCRIPTION\n"
        "The server of a TokenReview webhook for Kubernetes API servers, and its client.\n.SH COMMANDS\n";
    std::vector<std::string> pages;
    for (const CommandInfo& command : commands()) {
        if (!command.is_group) {
            text += fmt::format(".TP\n.B {}\n{}.\n", escaped(command.name), escaped(command.summary));
        }
        pages.push_back(page_name(command.name) + ".1");
    }
    const auto global = global_flags();
    text += options("\"OPTIONS OF EVERY COMMAND\"", {global.begin(), global.end()});
    text += exit_status(Command::version);
    pages.emplace_back("arngate-config.5");
    text += see_also(std::move(pages));
    return {"arngate.1", std::move(text)};
}

std::string key_text(const config::Key& key) {
    std::string out = fmt::format(".TP\n.B {}\n{}\n", escaped(key.path), escaped(key.description));
    std::erase(out, '`');
    const auto note = [&](std::string_view what, std::string_view value) {
        if (!value.empty()) {
            out += fmt::format(".br\n{}: {}\n", what, escaped(value));
        }
    };
    note("Takes", config::expected_text(key));
    note("Default", key.default_text);
    note("Flag", key.flag);
    note("Environment", key.environment);
    if (key.reloadable) {
        out += ".br\nA reload applies it.\n";
    }
    return out;
}

ManPage configuration_page() {
    std::string text = head("arngate-config", 5, "configuration file of arngate");
    text +=
        ".SH DESCRIPTION\nThe file that \\-\\-config names. Its extension says the format: yaml, yml, json, toml, env "
        "or dotenv. Letter case does not matter in keys, and dots stand for maps inside maps. Flags come before "
        "environment variables, and these before the file.\n.PP\n"
        ".BR \"arngate check\" \" \\fIFILE\\fR\"\nsays what is wrong in one.\n.SH KEYS\n";
    for (const config::Key& key : config::schema()) {
        if (!key.flag_only && !key.obsolete) {
            text += key_text(key);
        }
    }
    text += see_also({"arngate.1", "arngate-check.1", "arngate-server.1"});
    return {"arngate-config.5", std::move(text)};
}

}  // namespace

std::vector<ManPage> man_pages() {
    std::vector<ManPage> pages{program_page()};
    for (const CommandInfo& command : commands()) {
        pages.push_back(command_page(command));
    }
    pages.push_back(configuration_page());
    return pages;
}

}  // namespace arngate::cli
