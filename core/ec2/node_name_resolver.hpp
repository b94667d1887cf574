#pragma once

#include "core/base/result.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <functional>
#include <optional>
#include <string>

namespace arngate::ec2 {

/// Whose name a template asks for.
struct NodeNameQuery {
    std::string instance_id;  ///< the caller's session name, with the shape of an instance id
    std::string account_id;   ///< the caller's
};

/// Gives the private DNS name of an EC2 instance. The seam between reviews and EC2; tests put a fake here.
/// Thread-safe. Errors: template_failed (there is no such name, or it may not be given to this caller),
/// ec2_unavailable (it could not be learnt now), overloaded (too many wait for a name).
class NodeNameResolver {
public:
    using Name = Result<std::string>;
    using Done = std::move_only_function<void(Name)>;

    NodeNameResolver() = default;
    NodeNameResolver(const NodeNameResolver&) = delete;
    NodeNameResolver& operator=(const NodeNameResolver&) = delete;
    virtual ~NodeNameResolver() = default;

    /// The answer if it is known without asking EC2.
    [[nodiscard]] virtual std::optional<Name> known(const NodeNameQuery& query) = 0;
    /// Calls `done` once, on the loop `reply_to` and never within this call; in a few seconds at the latest.
    virtual void resolve(NodeNameQuery query, boost::asio::any_io_executor reply_to, Done done) = 0;
};

}  // namespace arngate::ec2
