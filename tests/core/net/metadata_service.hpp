#pragma once

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>

#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace arngate::net::test {

/// A 200 with this body.
inline std::string ok(const std::string& body) {
    return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

/// Accepts a connection, answers its request and gives the head of that.
inline std::string answer_next(boost::asio::ip::tcp::acceptor& acceptor, const std::string& answer) {
    boost::asio::ip::tcp::socket peer = acceptor.accept();
    std::string head;
    boost::system::error_code ec;
    boost::asio::read_until(peer, boost::asio::dynamic_buffer(head), "\r\n\r\n", ec);
    boost::asio::write(peer, boost::asio::buffer(answer), ec);
    return head;
}

/// A metadata service on loopback: answers one connection after the other with what it was given, on a thread of its
/// own. Its end waits until all answers were asked for.
class MetadataService {
public:
    explicit MetadataService(std::vector<std::string> answers)
        : acceptor_(loop_, {boost::asio::ip::make_address("127.0.0.1"), 0}),
          thread_([this, answers = std::move(answers)] { serve(answers); }) {}
    MetadataService(const MetadataService&) = delete;
    MetadataService& operator=(const MetadataService&) = delete;
    ~MetadataService() { thread_.join(); }

    [[nodiscard]] boost::asio::ip::tcp::endpoint where() const { return acceptor_.local_endpoint(); }
    /// The heads of the requests; once all answers were asked for.
    [[nodiscard]] const std::vector<std::string>& requests() {
        thread_.join();
        thread_ = std::thread([] {});
        return requests_;
    }

private:
    void serve(const std::vector<std::string>& answers) {
        for (const std::string& answer : answers) {
            requests_.push_back(answer_next(acceptor_, answer));
        }
    }

    boost::asio::io_context loop_{1};
    boost::asio::ip::tcp::acceptor acceptor_;
    std::vector<std::string> requests_;
    std::thread thread_;
};

}  // namespace arngate::net::test
