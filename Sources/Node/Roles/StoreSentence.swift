import Storage

/// What people are told of a store's error in a log line.
enum StoreSentence {
    static func of(_ error: StoreError) -> String {
        switch error {
        case .notFound(let kind, let name): "there is no \(kind) \"\(name)\""
        case .duplicate(let kind, let field, let value): "another \(kind) has \(field) \"\(value)\""
        case .unknownReference(let field, let kind, let name):
            "\(field) names the \(kind) \"\(name)\", which does not exist"
        case .conflict(let sentence), .unavailable(let sentence), .unusable(let sentence),
            .refused(let sentence):
            sentence
        case .invalid(let field, let reason): "\(field): \(reason)"
        }
    }
}
