import APIContract
import JSON
import Model
import Statistics
import Storage

extension Problem {
    /// 422 for these fields.
    init(invalid errors: [FieldError]) {
        let first = errors.first.map { $0.field.isEmpty ? $0.reason : "\($0.field): \($0.reason)" }
        let more = errors.count > 1 ? " (and \(errors.count - 1) more)" : ""
        self.init(422, (first ?? "a value is not accepted") + more, errors: errors)
    }

    static func notFound(_ kind: String, _ name: String) -> Problem {
        Problem(404, "there is no \(kind) named \"\(name.prefix(200))\"")
    }

    init(_ error: StoreError) {
        switch error {
        case .notFound(let kind, let name): self = .notFound(kind, name)
        case .duplicate(let kind, let field, let value):
            self.init(
                409,
                "there is a \(kind) with the \(field) \"\(value)\" already; change it, or choose another",
                errors: [FieldError(field: field, reason: "is taken", value: .string(value))])
        case .unknownReference(let field, let kind, let name):
            let reason = "there is no \(kind) named \"\(name)\""
            self.init(invalid: [FieldError(field: field, reason: reason, value: .string(name))])
        case .conflict(let sentence): self.init(409, sentence)
        case .invalid(let field, let reason):
            self.init(invalid: [FieldError(field: field, reason: reason)])
        case .unavailable(let sentence): self.init(503, sentence)
        case .unusable(let sentence), .refused(let sentence): self.init(500, sentence)
        }
    }

    init(_ error: StatisticsError) {
        switch error {
        case .invalid(let field, let reason): self.init(invalid: [FieldError(field: field, reason: reason)])
        case .none(let sentence): self.init(404, sentence)
        case .unavailable(let sentence): self.init(503, sentence)
        }
    }
}

/// Runs a call of the store; its errors become problems.
func stored<Value>(
    _ body: () async throws(StoreError) -> Value
) async throws(Problem) -> Value {
    do throws(StoreError) {
        return try await body()
    } catch {
        throw Problem(error)
    }
}

/// Runs a check of values; what is wrong becomes a problem.
func valid<Value>(_ body: () throws(InvalidValues) -> Value) throws(Problem) -> Value {
    do throws(InvalidValues) {
        return try body()
    } catch {
        throw Problem(invalid: error.errors)
    }
}

/// Throws what is wrong with an object; errors that it had before and whose field is not given pass.
func refuse(
    _ errors: [ValidationError], before: [ValidationError] = [], given body: RequestBody
) throws(Problem) {
    let new = errors.filter { error in
        body.has(String(error.field.prefix { $0 != "." })) || !before.contains(error)
    }
    guard !new.isEmpty else { return }
    throw Problem(
        invalid: new.map { error in
            FieldError(
                field: error.field, reason: error.reason,
                value: body.value(error.field) ?? .string(error.value))
        })
}
