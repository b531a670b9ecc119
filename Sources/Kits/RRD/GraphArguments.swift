/// Writes a graph in the library's words.
struct GraphArguments {
    let graph: Graph
    let file: RRDFile
    /// Time of the newest sample.
    let last: Int64

    /// What the library reads: without limits it would fill a range of years with unknown rows in memory.
    ///
    /// A few pixels' worth are always read, since librrd 1.7.2 refuses to make a pixel of less.
    private var range: (start: Int64, end: Int64) {
        let rings = file.layout.archives.map { Int64(file.layout.step * $0.steps) }
        let longest = zip(rings, file.layout.archives).map { $0 * Int64($1.rows) }.max() ?? 0
        let least = max(rings.max() ?? 0, 4 * (1 + (graph.to - graph.from) / Int64(graph.width)))
        let end = min(graph.to, max(last, graph.from) + least)
        return (max(graph.from, min(last - longest, end - least)), end)
    }

    /// The argument vector of rrd_graph_v, with the picture going to memory.
    var texts: [String] {
        ["graph", "-"] + options + looks + graph.curves.enumerated().flatMap { definition($0, $1) }
            + heading + graph.curves.enumerated().flatMap { drawing($0, $1) }
    }

    /// Small pictures carry no legend, tiny ones nothing but the curves.
    private var hasLegend: Bool { graph.width >= 420 && graph.height >= 180 }
    private var isBare: Bool { graph.width < 200 || graph.height < 100 }

    private var options: [String] {
        var options = [
            "--imgformat", "PNG", "--full-size-mode", "--start", "\(graph.from)", "--end", "\(graph.to)",
            "--width", "\(graph.width)", "--height", "\(graph.height)", "--lower-limit", "0",
        ]
        options +=
            graph.isBinary ? ["--base", "1024"] : ["--units-exponent", "0", "--left-axis-format", "%.6lg"]
        if isBare { return options + ["--only-graph"] }
        options += ["--title", GraphText.plain(graph.title), "--vertical-label", GraphText.plain(graph.axis)]
        if !hasLegend { return options + ["--no-legend"] }
        return options + (graph.foot.isEmpty ? [] : ["--watermark", GraphText.plain(graph.foot)])
    }

    private var looks: [String] {
        let colours = [
            "BACK#FFFFFF", "CANVAS#FFFFFF", "SHADEA#FFFFFF00", "SHADEB#FFFFFF00", "GRID#E8EBEF",
            "MGRID#CBD2D9", "FONT#1F2933", "AXIS#7B8794", "FRAME#FFFFFF00", "ARROW#FFFFFF00",
        ]
        let fonts = [
            "TITLE:12:DejaVu Sans Bold", "AXIS:8:DejaVu Sans", "UNIT:8:DejaVu Sans",
            "LEGEND:9:DejaVu Sans Mono",
            "WATERMARK:7:DejaVu Sans",
        ]
        return ["--border", "0", "--slope-mode", "--disable-rrdtool-tag", "--grid-dash", "1:0"]
            + colours.flatMap { ["--color", $0] } + fonts.flatMap { ["--font", $0] }
    }

    /// The curve and the three numbers of its legend.
    private func definition(_ index: Int, _ curve: Graph.Curve) -> [String] {
        let path = GraphText.path(file.path)
        let limits = "start=\(range.start):end=\(range.end)"
        return [
            "DEF:c\(index)=\(path):\(curve.source):AVERAGE:\(limits)",
            "DEF:m\(index)=\(path):\(curve.source):MAX:\(limits)",
            "VDEF:last\(index)=c\(index),LAST",
            "VDEF:mean\(index)=c\(index),AVERAGE",
            "VDEF:most\(index)=m\(index),MAXIMUM",
        ]
    }

    private var labelWidth: Int { graph.curves.map { GraphText.plain($0.label).count }.max() ?? 0 }

    private var heading: [String] {
        guard hasLegend else { return [] }
        let gap = String(repeating: " ", count: labelWidth + 3)
        return ["COMMENT:\(gap)     last   average   maximum\\l"]
    }

    private func drawing(_ index: Int, _ curve: Graph.Curve) -> [String] {
        let padding = String(repeating: " ", count: labelWidth - GraphText.plain(curve.label).count)
        let label = hasLegend ? ":" + GraphText.label(curve.label) + padding : ""
        let name = "c\(index)"
        let drawing: [String]
        switch curve.style {
        case .line(let pixels): drawing = ["LINE\(pixels):\(name)\(curve.colour.text())\(label)"]
        case .area:
            drawing = [
                "AREA:\(name)\(curve.colour.text(opacity: 0x59))\(label)",
                "LINE1.5:\(name)\(curve.colour.text())",
            ]
        case .stacked:
            let isBase = !graph.curves.prefix(index).contains { $0.style == .stacked }
            let stack = isBase ? "" : (label.isEmpty ? "::STACK" : ":STACK")
            drawing = ["AREA:\(name)\(curve.colour.text())\(label)\(stack)"]
        }
        guard hasLegend else { return drawing }
        return drawing
            + [
                "GPRINT:last\(index):\(curve.format)", "GPRINT:mean\(index):\(curve.format)",
                "GPRINT:most\(index):\(curve.format)\\l",
            ]
    }
}
