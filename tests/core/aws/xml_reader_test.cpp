#include "core/aws/xml_reader.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <string_view>

namespace arngate::aws {
namespace {

/// The events as text: "(name" for a start, ")" for an end, "'text'", "." for the end and "!" for malformed.
std::string events_of(std::string_view document) {
    XmlReader reader(document);
    std::string out;
    for (;;) {
        switch (reader.next()) {
            case XmlReader::Event::start:
                out.append("(").append(reader.path().back());
                break;
            case XmlReader::Event::text:
                out.append("'").append(reader.text()).append("'");
                break;
            case XmlReader::Event::end:
                out += ')';
                break;
            case XmlReader::Event::done:
                return out + ".";
            case XmlReader::Event::malformed:
                EXPECT_EQ(reader.next(), XmlReader::Event::malformed);
                return out + "!";
        }
    }
}

bool is_malformed(std::string_view document) {
    return events_of(document).ends_with('!');
}

TEST(XmlReader, ReadsWhatAwsSends) {
    EXPECT_EQ(
        events_of("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<R xmlns=\"http://x/\"><a>1</a><b/><c k='v' /></R>\n"),
        "(R(a'1')(b)(c))."
    );
    EXPECT_EQ(events_of("<a>x</a >"), "(a'x').");
    EXPECT_EQ(events_of("<a> </a>"), "(a' ').");
    EXPECT_EQ(events_of("<s:a-b.c_d/>"), "(s:a-b.c_d).");
}

TEST(XmlReader, GivesThePathOfEachElement) {
    XmlReader reader("<a><b/></a>");
    static constexpr std::array<std::string_view, 2> inner{"a", "b"};
    static constexpr std::array<std::string_view, 1> outer{"a"};
    EXPECT_EQ(reader.next(), XmlReader::Event::start);
    EXPECT_EQ(reader.next(), XmlReader::Event::start);
    EXPECT_TRUE(is_path(reader.path(), inner));
    EXPECT_EQ(reader.next(), XmlReader::Event::end);
    EXPECT_TRUE(is_path(reader.path(), inner));
    EXPECT_EQ(reader.next(), XmlReader::Event::end);
    EXPECT_TRUE(is_path(reader.path(), outer));
    EXPECT_EQ(reader.next(), XmlReader::Event::done);
    EXPECT_TRUE(reader.path().empty());
}

TEST(XmlReader, DecodesReferences) {
    EXPECT_EQ(events_of("<a>&lt;&gt;&amp;&quot;&apos;</a>"), "(a'<>&\"'').");
    EXPECT_EQ(
        events_of("<a>&#65;&#x41;&#xd;&#233;&#x20AC;&#x1F600;</a>"), "(a'AA\r\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80')."
    );
    EXPECT_EQ(events_of("<a>\xc3\xa9</a>"), "(a'\xc3\xa9').");
}

TEST(XmlReader, RefusesOtherReferences) {
    for (const std::string_view text :
         {"&",
          "&;",
          "&nbsp;",
          "&lt",
          "&#;",
          "&#x;",
          "&#xG;",
          "&#0;",
          "&#11;",
          "&#xD800;",
          "&#xFFFE;",
          "&#x110000;",
          "&#99999999999;",
          "&#-1;",
          "&#X41;",
          "&AMP;"}) {
        EXPECT_TRUE(is_malformed("<a>" + std::string(text) + "</a>")) << text;
        EXPECT_TRUE(is_malformed("<a b=\"" + std::string(text) + "\"/>")) << text;
    }
}

TEST(XmlReader, RefusesTheRestOfXml) {
    for (const std::string_view document :
         {"<!DOCTYPE a><a/>",
          "<!DOCTYPE a [<!ENTITY x \"y\">]><a>&x;</a>",
          "<a><!-- c --></a>",
          "<a><![CDATA[x]]></a>",
          "<a><?pi?></a>",
          "<?pi?><a/>",
          "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><a/>",
          " <?xml version=\"1.0\"?><a/>",
          "<?xml version=\"1.0\"><a/>",
          "<a>]]></a>",
          "\xef\xbb\xbf<a/>"}) {
        EXPECT_TRUE(is_malformed(document)) << document;
    }
}

TEST(XmlReader, RefusesWhatIsNotWellFormed) {
    for (const std::string_view document :
         {"",
          " ",
          "x",
          "<a>",
          "<a",
          "<",
          "<a></b>",
          "</a>",
          "<a/><b/>",
          "<a/>x",
          "x<a/>",
          "<a></a></a>",
          "<a b/>",
          "<a b=c/>",
          "<a b=\"/>",
          "<a b=\"<\"/>",
          "<a b='1'c='2'/>",
          "<1a/>",
          "<-a/>",
          "<a/ >",
          "< a/>",
          "<a>\x01</a>",
          "<a><b></a></b>",
          "<a>x",
          "<a>&lt;",
          "<\xc3\xa9/>"}) {
        EXPECT_TRUE(is_malformed(document)) << document;
    }
    EXPECT_TRUE(is_malformed(std::string_view("<a>\0</a>", 8)));
}

TEST(XmlReader, BoundsDepthAndNames) {
    const auto nested = [](std::size_t depth) {
        std::string document;
        for (std::size_t i = 0; i < depth; ++i) {
            document += "<a>";
        }
        for (std::size_t i = 0; i < depth; ++i) {
            document += "</a>";
        }
        return document;
    };
    EXPECT_FALSE(is_malformed(nested(XmlReader::max_depth)));
    EXPECT_TRUE(is_malformed(nested(XmlReader::max_depth + 1)));
    const auto named = [](std::size_t size) { return "<" + std::string(size, 'n') + "/>"; };
    EXPECT_FALSE(is_malformed(named(XmlReader::max_name_bytes)));
    EXPECT_TRUE(is_malformed(named(XmlReader::max_name_bytes + 1)));
}

}  // namespace
}  // namespace arngate::aws
