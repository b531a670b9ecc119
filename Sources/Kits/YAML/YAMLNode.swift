/// One node of a YAML document, with the place where it stands.
package struct YAMLNode: Sendable, Equatable {
    package enum Content: Sendable, Equatable {
        /// The text as written; `isPlain` when it stood without quotes.
        case scalar(String, isPlain: Bool)
        case sequence([YAMLNode])
        /// In the order of the document; no key stands twice.
        case mapping([Member])
    }

    package struct Member: Sendable, Equatable {
        package let key: String
        package let keyLine: Int
        package let value: YAMLNode
    }

    package let content: Content
    /// From 1.
    package let line: Int

    package init(_ content: Content, line: Int) {
        self.content = content
        self.line = line
    }
}

/// Why a document cannot be read.
package struct YAMLError: Error, Equatable, Sendable, CustomStringConvertible {
    package let line: Int
    package let reason: String

    package var description: String { "line \(line): \(reason)" }
}
