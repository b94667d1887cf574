#include "bench/arngate-bench/process_usage.hpp"

#include "core/base/text.hpp"

#include <fmt/format.h>

#include <time.h>
#include <unistd.h>

#include <charconv>
#include <cstddef>
#include <fstream>
#include <iterator>
#include <string_view>

namespace arngate::bench {
namespace {

constexpr std::size_t user_ticks = 11;  // fields after the name in brackets, the state being 0
constexpr std::size_t system_ticks = 12;
constexpr std::size_t resident_pages = 21;

std::uint64_t number_of(std::string_view text) {
    std::uint64_t number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

}  // namespace

std::expected<Usage, std::string> usage_of(const std::vector<int>& pids) {
    Usage sum;
    for (const int pid : pids) {
        std::ifstream file(fmt::format("/proc/{}/stat", pid));
        const std::string line{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
        // The name may hold anything, so the last bracket ends it.
        const auto name_end = line.rfind(") ");
        if (name_end == std::string::npos) {
            return std::unexpected(fmt::format("there is no process {}", pid));
        }
        const auto fields = text::split(std::string_view(line).substr(name_end + 2), ' ');
        if (fields.size() <= resident_pages) {
            return std::unexpected(fmt::format("the system does not say what process {} uses", pid));
        }
        const auto ticks = static_cast<double>(number_of(fields[user_ticks]) + number_of(fields[system_ticks]));
        sum.cpu_seconds += ticks / static_cast<double>(::sysconf(_SC_CLK_TCK));
        sum.rss_bytes += number_of(fields[resident_pages]) * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
    }
    return sum;
}

double thread_cpu_seconds() {
    timespec used{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
    return static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) / 1e9;
}

}  // namespace arngate::bench
