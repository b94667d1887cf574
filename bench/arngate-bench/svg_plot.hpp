#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace arngate::bench {

enum class Scale : std::uint8_t { linear, logarithmic };

struct PlotPoint {
    double x = 0;
    double y = 0;
};

enum class Drawing : std::uint8_t { line, bars };

struct PlotSeries {
    std::string name;
    std::string style;  ///< class of the page's style sheet: "a", "b", "c" or "goal"
    std::vector<PlotPoint> points;
    Drawing drawing = Drawing::line;
};

/// A stretch of the x axis that is shaded, with its reason.
struct PlotSpan {
    double begin = 0;
    double end = 0;
    std::string name;
};

struct Plot {
    std::string title;
    std::string x_name;
    std::string y_name;
    Scale x_scale = Scale::linear;
    Scale y_scale = Scale::linear;
    std::vector<PlotSeries> series;
    std::vector<PlotSpan> spans;
};

/// An <svg> element, 860 wide, that grows with the page. Values that a logarithmic axis cannot show are left out. All
/// texts are escaped.
[[nodiscard]] std::string as_svg(const Plot& plot);

/// For text and attribute values in HTML and SVG.
[[nodiscard]] std::string escaped(std::string_view text);

}  // namespace arngate::bench
