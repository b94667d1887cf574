#pragma once

#include "bench/arngate-bench/fault_schedule.hpp"
#include "tests/support/fake_sts/key_table.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace arngate::bench {

struct EmbeddedStsOptions {
    std::uint16_t port = 0;  ///< 0: a free one
    unsigned threads = 1;
    bool verify = true;     ///< false: signatures are not checked, so that STS costs less
    std::string directory;  ///< for the certificates
    std::vector<fake_sts::Key> keys;
    FaultSchedule schedule;
};

/// The fake STS in this process, on threads of its own, on 127.0.0.1. Serves every STS host of every partition.
class EmbeddedSts {
public:
    /// Listens at once, with the plan of moment 0. Throws std::exception: the port is taken, or the directory cannot be
    /// written.
    explicit EmbeddedSts(const EmbeddedStsOptions& options);
    EmbeddedSts(const EmbeddedSts&) = delete;
    EmbeddedSts& operator=(const EmbeddedSts&) = delete;
    ~EmbeddedSts();

    [[nodiscard]] std::uint16_t port() const noexcept;
    /// PEM file of what its clients must trust.
    [[nodiscard]] const std::string& ca_file() const noexcept;
    /// Puts the plan of this moment of the run in force. Thread-safe.
    void apply(Nanos moment);
    [[nodiscard]] const FaultSchedule& schedule() const noexcept;

    /// Requests read since the beginning.
    [[nodiscard]] std::uint64_t requests() const;

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace arngate::bench
