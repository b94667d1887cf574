#include "core/kube/line_buffer.hpp"

namespace arngate::kube {

LineBuffer::Fed LineBuffer::feed(std::string_view piece, const LineSink& sink) {
    while (!piece.empty()) {
        const auto end = piece.find('\n');
        const std::string_view here = piece.substr(0, end);
        if (here.size() > max_line_bytes_ - part_.size()) {
            return Fed::too_long;
        }
        if (end == piece.npos) {
            part_ += here;
            return Fed::more;
        }
        piece.remove_prefix(end + 1);
        bool goes_on = true;
        if (part_.empty()) {
            goes_on = here.empty() || sink(here);
        } else {
            part_ += here;
            goes_on = sink(part_);
            part_ = std::string();  // a large event's memory does not stay
        }
        if (!goes_on) {
            return Fed::enough;
        }
    }
    return Fed::more;
}

}  // namespace arngate::kube
