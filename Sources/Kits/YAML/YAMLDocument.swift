import CYaml

/// Reads YAML by libyaml: one document of scalars, sequences and mappings.
package enum YAMLDocument {
    /// The deepest nesting that is read.
    package static let depthLimit = 32

    /// The only document in `bytes`; nil when there is none. Anchors and aliases are refused, and so are keys that stand twice.
    package static func parse(_ bytes: [UInt8]) throws(YAMLError) -> YAMLNode? {
        var reader = EventReader(bytes)
        return try reader.document()
    }
}

/// Turns libyaml's events into nodes; the parser is freed when the reader is dropped.
private struct EventReader: ~Copyable {
    private enum Event {
        case none
        case scalar(String, isPlain: Bool)
        case sequenceStart
        case sequenceEnd
        case mappingStart
        case mappingEnd
        case documentStart
        case streamEnd
    }

    private let parser: UnsafeMutablePointer<yaml_parser_t>
    private let input: UnsafeMutableBufferPointer<UInt8>
    private var line = 1

    init(_ bytes: [UInt8]) {
        parser = .allocate(capacity: 1)
        parser.initialize(to: yaml_parser_t())
        input = .allocate(capacity: max(1, bytes.count))
        _ = input.initialize(from: bytes)
        yaml_parser_initialize(parser)
        yaml_parser_set_input_string(parser, input.baseAddress, bytes.count)
    }

    deinit {
        yaml_parser_delete(parser)
        parser.deallocate()
        input.deallocate()
    }

    mutating func document() throws(YAMLError) -> YAMLNode? {
        var root: YAMLNode?
        while true {
            let event = try next()
            switch event {
            case .streamEnd: return root
            case .documentStart where root != nil:
                throw YAMLError(line: line, reason: "a second document begins here; only one is read")
            case .none, .documentStart: continue
            default: root = try node(event, depth: 1)
            }
        }
    }

    private mutating func node(_ event: Event, depth: Int) throws(YAMLError) -> YAMLNode {
        let start = line
        guard depth <= YAMLDocument.depthLimit else {
            throw YAMLError(line: start, reason: "nested deeper than \(YAMLDocument.depthLimit) levels")
        }
        switch event {
        case .scalar(let text, let isPlain): return YAMLNode(.scalar(text, isPlain: isPlain), line: start)
        case .sequenceStart: return YAMLNode(.sequence(try items(depth: depth)), line: start)
        case .mappingStart: return YAMLNode(.mapping(try members(depth: depth)), line: start)
        default: throw YAMLError(line: start, reason: "a value is missing")
        }
    }

    private mutating func items(depth: Int) throws(YAMLError) -> [YAMLNode] {
        var items: [YAMLNode] = []
        while true {
            let event = try next()
            if case .sequenceEnd = event { return items }
            items.append(try node(event, depth: depth + 1))
        }
    }

    private mutating func members(depth: Int) throws(YAMLError) -> [YAMLNode.Member] {
        var members: [YAMLNode.Member] = []
        var keys: Set<String> = []
        while true {
            let event = try next()
            if case .mappingEnd = event { return members }
            guard case .scalar(let key, _) = event else {
                throw YAMLError(line: line, reason: "a key must be plain text")
            }
            guard keys.insert(key).inserted else {
                throw YAMLError(line: line, reason: "the key \"\(key)\" stands twice")
            }
            let keyLine = line
            let value = try next()
            members.append(
                YAMLNode.Member(key: key, keyLine: keyLine, value: try node(value, depth: depth + 1)))
        }
    }

    private mutating func next() throws(YAMLError) -> Event {
        var event = yaml_event_t()
        guard yaml_parser_parse(parser, &event) == 1 else { throw parserError() }
        defer { yaml_event_delete(&event) }
        line = Int(event.start_mark.line) + 1
        switch event.type {
        case YAML_SCALAR_EVENT: return try scalar(event)
        case YAML_SEQUENCE_START_EVENT:
            try refuseAnchor(event.data.sequence_start.anchor)
            return .sequenceStart
        case YAML_MAPPING_START_EVENT:
            try refuseAnchor(event.data.mapping_start.anchor)
            return .mappingStart
        case YAML_SEQUENCE_END_EVENT: return .sequenceEnd
        case YAML_MAPPING_END_EVENT: return .mappingEnd
        case YAML_DOCUMENT_START_EVENT: return .documentStart
        case YAML_STREAM_END_EVENT: return .streamEnd
        case YAML_ALIAS_EVENT:
            throw YAMLError(line: line, reason: "aliases (*name) are not read; write the value out")
        default: return .none
        }
    }

    private func scalar(_ event: yaml_event_t) throws(YAMLError) -> Event {
        let data = event.data.scalar
        try refuseAnchor(data.anchor)
        let text = String(decoding: UnsafeBufferPointer(start: data.value, count: data.length), as: UTF8.self)
        return .scalar(text, isPlain: data.style == YAML_PLAIN_SCALAR_STYLE)
    }

    private func refuseAnchor(_ anchor: UnsafeMutablePointer<yaml_char_t>?) throws(YAMLError) {
        guard anchor == nil else {
            throw YAMLError(line: line, reason: "anchors (&name) are not read; write the value out")
        }
    }

    private func parserError() -> YAMLError {
        let mark =
            parser.pointee.problem_mark.line > 0 ? parser.pointee.problem_mark : parser.pointee.context_mark
        let problem = parser.pointee.problem.map { String(cString: $0) } ?? "cannot be read as YAML"
        return YAMLError(line: Int(mark.line) + 1, reason: problem)
    }
}
