#pragma once

#include <memory>
#include <string>
#include <vector>

namespace arngate::net::test {

/// PEM texts of a server's certificate and key.
struct LeafPem {
    std::string certificate;
    std::string key;
};

/// A certificate authority that lives in memory.
class TestCa {
public:
    TestCa();
    ~TestCa();
    TestCa(const TestCa&) = delete;
    TestCa& operator=(const TestCa&) = delete;

    [[nodiscard]] std::string certificate_pem() const;
    /// `names` as in subjectAltName, e.g. "DNS:sts.us-east-1.amazonaws.com" or "IP:127.0.0.1".
    [[nodiscard]] LeafPem issue(const std::vector<std::string>& names) const;

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

/// A file of its own that is gone with the object.
class TemporaryFile {
public:
    explicit TemporaryFile(const std::string& content);
    ~TemporaryFile();
    TemporaryFile(const TemporaryFile&) = delete;
    TemporaryFile& operator=(const TemporaryFile&) = delete;

    [[nodiscard]] const std::string& path() const { return path_; }

private:
    std::string path_;
};

}  // namespace arngate::net::test
