#include "daemon/pages/health.hpp"

#include "daemon/http/answers.hpp"

namespace arngate::pages {
namespace {

bool asks_verbose(std::string_view query) {
    while (!query.empty()) {
        const auto parameter = query.substr(0, query.find('&'));
        if (parameter.substr(0, parameter.find('=')) == "verbose") {
            return true;
        }
        query.remove_prefix(parameter.size() == query.size() ? query.size() : parameter.size() + 1);
    }
    return false;
}

}  // namespace

void HealthChecks::add(std::string name, Check check) {
    checks_.push_back({.name = std::move(name), .check = std::move(check)});
}

bool HealthPage::handle(
    const http::Request& /*request*/, http::Response& response, const http::Defer& /*defer*/
) {
    response.content_type = http::plain_text;
    response.body = "ok";
    return true;
}

bool HealthChecksPage::handle(
    const http::Request& request, http::Response& response, const http::Defer& /*defer*/
) {
    std::string lines;
    bool well = true;
    for (const auto& [name, check] : checks_.checks_) {
        const auto problem = check();
        lines += problem ? "[-]" + name + " failed: " + *problem + "\n" : "[+]" + name + " ok\n";
        well = well && !problem;
    }
    for (const auto& more : checks_.lines_) {
        for (const std::string& line : more()) {
            lines += "[.]" + line + "\n";
        }
    }
    if (!well) {
        http::fill_error(response, 503, lines + name_ + " check failed");
        return true;
    }
    response.content_type = http::plain_text;
    response.body = asks_verbose(request.query) ? lines + name_ + " check passed\n" : "ok";
    return true;
}

}  // namespace arngate::pages
