/// Why a secret cannot be had: a sentence that says what to do, without the secret.
package struct SecretsError: Error, Equatable, Sendable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }
}
