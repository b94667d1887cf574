#include "daemon/cli/completion.hpp"

#include "core/base/text.hpp"
#include "daemon/cli/command_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <set>
#include <vector>

namespace arngate::cli {

namespace {

/// What the scripts are made of: commands by their path, and each flag of any of them once.
struct Grammar {
    struct Word {
        std::string_view name;
        std::string description;
    };
    struct Node {
        std::string_view path;  ///< of a command or group; empty: the program itself
        std::vector<Word> words;
        std::vector<Flag> flags;
    };
    std::vector<Node> nodes;
    std::vector<Flag> flags;
};

/// The first sentence, without characters that mean something to a shell.
std::string described(std::string_view help) {
    std::string out(help.substr(0, std::min({help.find(". "), help.find(" ["), help.size()})));
    if (out.ends_with('.')) {
        out.pop_back();
    }
    std::erase_if(out, [](char c) { return !text::is_alnum(c) && !std::string_view(" ,.;=|/-()").contains(c); });
    return out;
}

bool takes_path(const Flag& flag) {
    return !flag.is_boolean &&
           (flag.name.ends_with("config") || flag.name.ends_with("-file") || flag.name.ends_with("-dir"));
}

void add_flags(Grammar& grammar, Grammar::Node& node, const std::vector<Flag>& flags) {
    node.flags = flags;
    for (const Flag& flag : flags) {
        if (find_flag(grammar.flags, flag.name) == nullptr) {
            grammar.flags.push_back(flag);
        }
    }
}

Grammar make_grammar() {
    Grammar grammar;
    Grammar::Node root;
    const auto global = global_flags();
    add_flags(grammar, root, {global.begin(), global.end()});
    for (const CommandInfo& command : commands()) {
        if (command.name.find(' ') == std::string_view::npos) {
            root.words.push_back({command.name, described(command.summary)});
        }
    }
    root.words.push_back({"help", "Explain a command"});
    Grammar::Node help{.path = "help", .words = root.words, .flags = {}};
    help.words.pop_back();
    grammar.nodes.push_back(std::move(root));
    for (const CommandInfo& command : commands()) {
        Grammar::Node node{.path = command.name, .words = {}, .flags = {}};
        add_flags(grammar, node, flags_of(command));
        for (const CommandInfo& other : commands()) {
            if (command.is_group && other.name.starts_with(std::string(command.name) + ' ')) {
                node.words.push_back({other.name.substr(command.name.size() + 1), described(other.summary)});
            }
        }
        grammar.nodes.push_back(std::move(node));
    }
    grammar.nodes.push_back(std::move(help));
    return grammar;
}

/// "--config|-c" of each flag that passes.
template <class Which>
std::string pattern_of(const Grammar& grammar, Which which) {
    std::vector<std::string> names;
    std::set<char> short_names;
    for (const Flag& flag : grammar.flags) {
        if (!which(flag)) {
            continue;
        }
        names.push_back(fmt::format("--{}", flag.name));
        if (flag.short_name != 0 && short_names.insert(flag.short_name).second) {
            names.push_back(fmt::format("-{}", flag.short_name));
        }
    }
    return fmt::format("{}", fmt::join(names, "|"));
}

std::string flag_names(const Grammar::Node& node) {
    std::string out;
    for (const Flag& flag : node.flags) {
        out += fmt::format("{}--{}", out.empty() ? "" : " ", flag.name);
    }
    return out;
}

std::string function_name(std::string_view program) {
    std::string name = "_";
    for (const char c : program) {
        name += text::is_alnum(c) ? c : '_';
    }
    return name;
}

/// The cases "flag) words ;;" of the flags with a closed set of words.
std::string choice_cases(const Grammar& grammar, std::string_view form) {
    std::string out;
    for (const Flag& flag : grammar.flags) {
        if (!flag.choices.empty()) {
            const std::string pattern = pattern_of(grammar, [&](const Flag& other) { return other.name == flag.name; });
            out += fmt::format(fmt::runtime(form), pattern, flag.choices);
        }
    }
    return out;
}

std::string bash_script(const Grammar& grammar, std::string_view program) {
    std::string nodes;
    for (const Grammar::Node& node : grammar.nodes) {
        std::string words;
        for (const Grammar::Word& word : node.words) {
            words += fmt::format("{}{}", words.empty() ? "" : " ", word.name);
        }
        nodes += fmt::format("        \"{}\") words=\"{}\" flags=\"{}\" ;;\n", node.path, words, flag_names(node));
    }
    return fmt::format(
        R"(# bash completion for {0}
{1}() {{
    local cur="${{COMP_WORDS[COMP_CWORD]}}" prev="${{COMP_WORDS[COMP_CWORD - 1]}}" path="" words="" flags="" i
    COMPREPLY=()
    if [[ $cur == "=" ]]; then
        cur=""
    elif [[ $prev == "=" ]]; then
        prev="${{COMP_WORDS[COMP_CWORD - 2]}}"
    fi
    for ((i = 1; i < COMP_CWORD; i++)); do
        case "${{COMP_WORDS[i]}}" in
            {2})
                ((i++))
                [[ ${{COMP_WORDS[i]}} == "=" ]] && ((i++))
                ;;
            -* | =) ;;
            *) path="${{path:+$path }}${{COMP_WORDS[i]}}" ;;
        esac
    done
    case "$prev" in
{3}        {4})
            mapfile -t COMPREPLY < <(compgen -f -- "$cur")
            compopt -o filenames 2>/dev/null
            return
            ;;
        {2}) return ;;
    esac
    case "$path" in
{5}    esac
    if [[ $cur == -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$flags" -- "$cur")
    else
        mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
    fi
}}
complete -F {1} {0}
)",
        program,
        function_name(program),
        pattern_of(grammar, [](const Flag& flag) { return !flag.is_boolean; }),
        choice_cases(
            grammar,
            "        {0})\n            mapfile -t COMPREPLY < <(compgen -W \"{1}\" -- \"$cur\")\n            return\n"
            "            ;;\n"
        ),
        pattern_of(grammar, takes_path),
        nodes
    );
}

std::string zsh_script(const Grammar& grammar, std::string_view program) {
    std::string nodes;
    for (const Grammar::Node& node : grammar.nodes) {
        std::string words;
        for (const Grammar::Word& word : node.words) {
            words += fmt::format(" '{}:{}'", word.name, word.description);
        }
        std::string flags;
        for (const Flag& flag : node.flags) {
            flags += fmt::format(" '--{}:{}'", flag.name, described(flag.help));
        }
        nodes += fmt::format("        '{}') candidates=({}) flags=({}) ;;\n", node.path, words, flags);
    }
    return fmt::format(
        R"(#compdef {0}
# zsh completion for {0}
{1}() {{
    local previous="${{words[CURRENT - 1]}}" path_so_far=""
    local -a candidates flags
    local -i i
    for ((i = 2; i < CURRENT; i++)); do
        case "${{words[i]}}" in
            {2}) ((i++)) ;;
            -*) ;;
            *) path_so_far="${{path_so_far:+$path_so_far }}${{words[i]}}" ;;
        esac
    done
    if compset -P '--*='; then
        previous="${{IPREFIX%=}}"
    fi
    case "$previous" in
{3}        {4}) _files; return ;;
        {2}) return ;;
    esac
    case "$path_so_far" in
{5}    esac
    if [[ $PREFIX == -* ]]; then
        _describe -o flag flags
    elif (( $#candidates )); then
        _describe command candidates
    fi
}}
if [ "$funcstack[1]" = "{1}" ]; then
    {1} "$@"
else
    compdef {1} {0}
fi
)",
        program,
        function_name(program),
        pattern_of(grammar, [](const Flag& flag) { return !flag.is_boolean; }),
        choice_cases(grammar, "        {0}) compadd -- {1}; return ;;\n"),
        pattern_of(grammar, takes_path),
        nodes
    );
}

std::string fish_flag(const Flag& flag) {
    std::string out = fmt::format(" -l {}", flag.name);
    if (flag.short_name != 0) {
        out += fmt::format(" -s {}", flag.short_name);
    }
    if (!flag.choices.empty()) {
        out += fmt::format(" -x -a '{}'", flag.choices);
    } else if (!flag.is_boolean) {
        out += takes_path(flag) ? " -r -F" : " -x";
    }
    return out + fmt::format(" -d '{}'", described(flag.help));
}

/// When the words so far are those of the node.
std::string fish_condition(std::string_view path) {
    if (path.empty()) {
        return "__fish_use_subcommand";
    }
    std::string out;
    for (const std::string_view word : text::split(path, ' ')) {
        out += fmt::format("{}__fish_seen_subcommand_from {}", out.empty() ? "" : "; and ", word);
    }
    return out;
}

std::string fish_script(const Grammar& grammar, std::string_view program) {
    std::string out = fmt::format("# fish completion for {0}\ncomplete -c {0} -f\n", program);
    for (const Flag& flag : global_flags()) {
        out += fmt::format("complete -c {}{}\n", program, fish_flag(flag));
    }
    for (const Grammar::Node& node : grammar.nodes) {
        const std::string condition = fish_condition(node.path);
        for (const Grammar::Word& word : node.words) {
            out +=
                fmt::format("complete -c {} -n '{}' -a {} -d '{}'\n", program, condition, word.name, word.description);
        }
        for (const Flag& flag : node.flags) {
            if (find_flag(global_flags(), flag.name) == nullptr) {
                out += fmt::format("complete -c {} -n '{}'{}\n", program, condition, fish_flag(flag));
            }
        }
    }
    return out;
}

std::string powershell_list(const std::vector<std::string>& items) {
    return fmt::format("@({})", fmt::join(items, ", "));
}

std::string powershell_script(const Grammar& grammar, std::string_view program) {
    std::string nodes;
    for (const Grammar::Node& node : grammar.nodes) {
        std::vector<std::string> items;
        for (const Grammar::Word& word : node.words) {
            items.push_back(fmt::format("'{}'", word.name));
        }
        for (const Flag& flag : node.flags) {
            items.push_back(fmt::format("'--{}'", flag.name));
        }
        nodes += fmt::format("        '{}' = {}\n", node.path, powershell_list(items));
    }
    std::string choices;
    std::vector<std::string> takers;
    for (const Flag& flag : grammar.flags) {
        if (flag.is_boolean) {
            continue;
        }
        takers.push_back(fmt::format("'--{}'", flag.name));
        if (flag.short_name != 0) {
            takers.push_back(fmt::format("'-{}'", flag.short_name));
        }
        if (!flag.choices.empty()) {
            std::vector<std::string> words;
            for (const std::string_view word : text::split(flag.choices, ' ')) {
                words.push_back(fmt::format("'{}'", word));
            }
            choices += fmt::format("        '--{}' = {}\n", flag.name, powershell_list(words));
        }
    }
    return fmt::format(
        R"(# PowerShell completion for {0}
Register-ArgumentCompleter -Native -CommandName '{0}' -ScriptBlock {{
    param($wordToComplete, $commandAst, $cursorPosition)
    $nodes = @{{
{1}    }}
    $choices = @{{
{2}    }}
    $takers = {3}
    $path = @()
    $previous = ''
    foreach ($element in $commandAst.CommandElements | Select-Object -Skip 1) {{
        if ($element.Extent.EndOffset -ge $cursorPosition) {{ break }}
        $text = $element.ToString()
        if (-not ($takers -ccontains $previous) -and -not $text.StartsWith('-')) {{ $path += $text }}
        $previous = $text
    }}
    if ($choices.ContainsKey($previous)) {{
        $candidates = $choices[$previous]
    }} elseif ($takers -ccontains $previous) {{
        return
    }} else {{
        $candidates = $nodes[$path -join ' ']
    }}
    $candidates | Where-Object {{ $_ -like "$wordToComplete*" }} | ForEach-Object {{
        [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_)
    }}
}}
)",
        program,
        nodes,
        choices,
        powershell_list(takers)
    );
}

bool is_plain_name(std::string_view program) {
    return !program.empty() && !program.starts_with('-') &&
           std::ranges::all_of(program, [](char c) { return text::is_alnum(c) || c == '.' || c == '-' || c == '_'; });
}

}  // namespace

std::string completion_script(std::string_view shell, std::string_view program) {
    const Grammar grammar = make_grammar();
    const std::string_view name = is_plain_name(program) ? program : std::string_view("arngate");
    if (shell == "bash") {
        return bash_script(grammar, name);
    }
    if (shell == "zsh") {
        return zsh_script(grammar, name);
    }
    if (shell == "fish") {
        return fish_script(grammar, name);
    }
    if (shell == "powershell") {
        return powershell_script(grammar, name);
    }
    return {};
}

}  // namespace arngate::cli
