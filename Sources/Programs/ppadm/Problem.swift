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
        let sentence = detail ?? title ?? "the API refused it with status \(status)"
        self.sentence = sentence
        let errors = json["errors"]?.asArray ?? []
        // The sentence says it already when it is about a single field.
        let isSaid = errors.count == 1 && errors[0]["field"]?.asString.map { sentence.contains($0) } == true
        fields = (isSaid ? [] : errors).compactMap { error in
            guard let reason = error["reason"]?.asString else { return nil }
            return error["field"]?.asString?.nonEmpty.map { "\($0): \(reason)" } ?? reason
        }
    }
}
