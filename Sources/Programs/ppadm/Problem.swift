import JSON

/// An error as the API writes it: `application/problem+json` (RFC 9457).
struct Problem {
    /// Always one sentence or more, whatever the answer lacks.
    let sentence: String
    /// As "interval: must be at least 1".
    let fields: [String]

    init(_ json: JSONValue, status: Int) {
        let title = json["title"]?.asString?.nonEmpty
        let detail = json["detail"]?.asString?.nonEmpty
        sentence = detail ?? title ?? "the API refused it with status \(status)"
        let errors = json["errors"]?.asArray ?? []
        let isAlone = errors.count == 1
        fields = errors.compactMap { error in
            let reason = error["reason"]?.asString ?? error["detail"]?.asString
            // The sentence says a single field's reason already.
            guard let reason, !(isAlone && detail?.contains(reason) == true) else { return nil }
            return error["field"]?.asString.map { "\($0): \(reason)" } ?? reason
        }
    }
}
