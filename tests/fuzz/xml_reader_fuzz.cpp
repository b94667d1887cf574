// XML of AWS services, and with it all that makes sense of it.

#include "core/aws/xml_reader.hpp"
#include "tests/fuzz/check.hpp"

#include <cstddef>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace arngate;
    using fuzz::check;
    using Event = aws::XmlReader::Event;

    aws::XmlReader reader(fuzz::text_of(data, size));
    std::size_t depth = 0;
    std::size_t events = 0;
    for (Event event = reader.next(); event != Event::malformed; event = reader.next()) {
        // Every event but the end of an empty element takes at least one byte of the document.
        check(++events <= 2 * size + 1);
        if (event == Event::done) {
            check(depth == 0);
            check(reader.path().empty());
            check(reader.next() == Event::done);
            break;
        }
        depth += event == Event::start ? 1U : 0U;
        check(reader.path().size() == depth);
        check(depth >= 1 && depth <= aws::XmlReader::max_depth);
        check(reader.path().back().size() <= aws::XmlReader::max_name_bytes);
        check(event != Event::text || reader.text().size() <= size);
        depth -= event == Event::end ? 1U : 0U;
    }
    return 0;
}
