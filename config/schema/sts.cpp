#include "config/schema/rows.hpp"

#include <array>

namespace arngate::config::schema_rows {
namespace {

using enum ValueType;

// clang-format off
constexpr auto rows = std::to_array<Key>({
    {.path = "sts.caFile", .type = text_list, .default_text = "", .constraint = "", .flag = "--sts-ca-file",
     .short_flag = 0, .flag_commands = "server verify token", .environment = "",
     .description = "CA certificates to trust for STS beside the system's, PEM. One path or a list.",
     .reloadable = false, .obsolete = false},
    {.path = "sts.connectTo", .type = text_list, .default_text = "", .constraint = "", .flag = "--sts-connect-to",
     .short_flag = 0, .flag_commands = "server verify token", .environment = "",
     .description = "Connect to HOST2:PORT2 when HOST1:PORT1 is meant, as curl's --connect-to. The certificate must still be HOST1's.",
     .reloadable = false, .obsolete = false, .form = TextForm::connect_to, .separator = ','},
    {.path = "sts.extraRegions", .type = text_list, .default_text = "", .constraint = "", .flag = "",
     .short_flag = 0, .flag_commands = "", .environment = "",
     .description = "Regions that this build does not list yet; their STS hosts are accepted in tokens.",
     .reloadable = false, .obsolete = false, .form = TextForm::region_label, .separator = ','},
    {.path = "sts.extraHosts", .type = text_list, .default_text = "", .constraint = "", .flag = "",
     .short_flag = 0, .flag_commands = "", .environment = "",
     .description = "Further STS hosts that tokens may name, whole, such as those of VPC endpoints.",
     .reloadable = false, .obsolete = false, .form = TextForm::dotted_host, .separator = ','},
    {.path = "sts.partitions", .type = object_list, .default_text = "", .constraint = "", .flag = "",
     .short_flag = 0, .flag_commands = "", .environment = "",
     .description = "Partitions that this build does not list yet; see below. ARNs of them are understood, tokens are made for their regions, and a server whose `server.partition` names one accepts its STS hosts. What a file once added stays known until the process ends.",
     .reloadable = false, .obsolete = false},
    {.path = "sts.region", .type = text, .default_text = "", .constraint = "", .flag = "",
     .short_flag = 0, .flag_commands = "", .environment = "",
     .description = "Region this server runs in: tokens may name its STS host even if this build does not list the region. Empty: none is known, unless sts.regionFromMetadata finds it.",
     .reloadable = false, .obsolete = false, .form = TextForm::region_label},
    {.path = "sts.regionFromMetadata", .type = boolean, .default_text = "false", .constraint = "", .flag = "",
     .short_flag = 0, .flag_commands = "", .environment = "",
     .description = "Ask the metadata service of the EC2 instance for the region at start when sts.region is empty. AWS_EC2_METADATA_DISABLED=true keeps it from being asked; AWS_EC2_METADATA_SERVICE_ENDPOINT says where it is. Without an answer within 250 ms a request the server starts without a region.",
     .reloadable = false, .obsolete = false, .reference_default = "true"},
    {.path = "sts.acceptSiblingPartition", .type = boolean, .default_text = "false", .constraint = "", .flag = "",
     .short_flag = 0, .flag_commands = "", .environment = "",
     .description = "In `aws` accept the hosts of `aws-us-gov` too, and the other way round.",
     .reloadable = false, .obsolete = false, .reference_default = "true"},
    {.path = "sts.requirePartition", .type = boolean, .default_text = "true", .constraint = "", .flag = "",
     .short_flag = 0, .flag_commands = "", .environment = "",
     .description = "The caller's ARN must be of the configured partition.",
     .reloadable = false, .obsolete = false, .reference_default = "false"},
    {.path = "sts.requireAccount", .type = boolean, .default_text = "true", .constraint = "", .flag = "",
     .short_flag = 0, .flag_commands = "", .environment = "",
     .description = "The account that STS names must be 12 digits and that of the ARN.",
     .reloadable = false, .obsolete = false},
    {.path = "sts.maxAhead", .type = duration, .default_text = "15m", .constraint = "", .flag = "",
     .short_flag = 0, .flag_commands = "", .environment = "",
     .description = "How far ahead of the clock a token's date may lie. `none`: no limit of ours.",
     .reloadable = false, .obsolete = false, .reference_default = "none", .minimum = 0, .maximum = 60 * minute, .step = second, .choices = "none"},
    {.path = "sts.reviewTimeout", .type = duration, .default_text = "20s", .constraint = "", .flag = "",
     .short_flag = 0, .flag_commands = "", .environment = "",
     .description = "Time for one review with all its attempts. The API server waits 30 s.",
     .reloadable = false, .obsolete = false, .minimum = 100, .maximum = 25 * second},
    {.path = "sts.attemptTimeout", .type = duration, .default_text = "5s", .constraint = "", .flag = "",
     .short_flag = 0, .flag_commands = "", .environment = "",
     .description = "Time for one attempt; at most sts.reviewTimeout.",
     .reloadable = false, .obsolete = false, .minimum = 50, .maximum = 25 * second},
    {.path = "sts.connectTimeout", .type = duration, .default_text = "3s", .constraint = "", .flag = "",
     .short_flag = 0, .flag_commands = "", .environment = "",
     .description = "Time for name resolution, connection and TLS handshake together; at most sts.attemptTimeout.",
     .reloadable = false, .obsolete = false, .minimum = 50, .maximum = 25 * second},
    {.path = "sts.maxAttempts", .type = integer, .default_text = "3", .constraint = "", .flag = "",
     .short_flag = 0, .flag_commands = "", .environment = "",
     .description = "Attempts a review, the first included.",
     .reloadable = false, .obsolete = false, .minimum = 1, .maximum = 10},
    {.path = "sts.maxConnections", .type = integer, .default_text = "256", .constraint = "", .flag = "",
     .short_flag = 0, .flag_commands = "", .environment = "",
     .description = "Connections to one STS endpoint from one event loop.",
     .reloadable = false, .obsolete = false, .minimum = 1, .maximum = 4096},
    {.path = "sts.http2", .type = boolean, .default_text = "true", .constraint = "", .flag = "",
     .short_flag = 0, .flag_commands = "", .environment = "",
     .description = "Offer HTTP/2 to STS, and send many calls at once over one connection where the endpoint takes it. `false`: HTTP/1.1 only, one call at a time on each connection.",
     .reloadable = false, .obsolete = false},
    {.path = "sts.maxCalls", .type = integer, .default_text = "512", .constraint = "", .flag = "",
     .short_flag = 0, .flag_commands = "", .environment = "",
     .description = "Calls to one STS endpoint at once, from all event loops together. Further ones wait for their turn.",
     .reloadable = false, .obsolete = false, .minimum = 1, .maximum = 16384},
    {.path = "sts.callsPerSecond", .type = integer, .default_text = "0", .constraint = "", .flag = "",
     .short_flag = 0, .flag_commands = "", .environment = "",
     .description = "Calls a second to one STS endpoint. 0: as many as STS takes; where it throttles, its rate is learnt for each account.",
     .reloadable = false, .obsolete = false, .minimum = 0, .maximum = 100000},
    {.path = "sts.refusalsPerSecond", .type = integer, .default_text = "100", .constraint = "", .flag = "",
     .short_flag = 0, .flag_commands = "", .environment = "",
     .description = "Calls a second to one STS endpoint that may end in a refusal, for tokens of accounts and access keys that STS has not lately proven. Calls that end well do not count. 0: any number.",
     .reloadable = false, .obsolete = false, .minimum = 0, .maximum = 100000},
    {.path = "sts.circuitFailures", .type = integer, .default_text = "20", .constraint = "", .flag = "",
     .short_flag = 0, .flag_commands = "", .environment = "",
     .description = "Calls in a row that an STS endpoint does not answer, or answers with a server error, before it is left alone for a moment. 0: it never is.",
     .reloadable = false, .obsolete = false, .minimum = 0, .maximum = 10000},
});
// clang-format on

}  // namespace

std::span<const Key> sts() noexcept {
    return rows;
}

}  // namespace arngate::config::schema_rows
