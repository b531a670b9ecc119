/// A failed call of a SQL library: what it was, the library's code and words, and the statement.
package struct SQLError: Error, Equatable, Sendable, CustomStringConvertible {
    /// What a caller can do about it.
    package enum Kind: Equatable, Sendable {
        /// Another connection holds the lock and did not let go in time.
        case busy
        /// No space left for the database.
        case full
        /// The file is not a database or its content is inconsistent.
        case damaged
        case constraint(Constraint)
        /// A value is too big or of the wrong type.
        case value
        /// Reading, writing or syncing the file failed; the connection must not be used any more.
        case io
        /// The file cannot be opened, or not for writing.
        case access
        /// The server cannot be reached or was lost; the connection must not be used any more.
        case lost
        case other
    }

    package enum Constraint: Equatable, Sendable {
        case unique, foreignKey, other
    }

    package let kind: Kind
    /// SQLite's extended result code; 0 for a server, whose code is in the message.
    package let code: Int32
    /// The library's words, with the system's reason where there is one.
    package let message: String
    /// The statement, or what else was tried.
    package let statement: String

    package init(kind: Kind, code: Int32, message: String, statement: String) {
        self.kind = kind
        self.code = code
        self.message = message
        self.statement = statement
    }

    package var description: String {
        code == 0 ? "\(message) (in: \(statement))" : "\(message) (code \(code), in: \(statement))"
    }
}
