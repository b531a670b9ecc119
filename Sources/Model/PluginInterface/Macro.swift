/// A name between dollar signs that stands for a value of the host or of the configuration.
package enum Macro: Hashable, Sendable {
    case hostAddress
    case hostName
    case hostID
    /// `$_HOST<NAME>$`: a variable or label of the host, by upper-case name.
    case host(name: String)
    /// `$USER<n>$`: a value of the configuration; the name is `USER1`.
    case user(name: String)
    /// `$ARG<n>$`: the host's variable of that name.
    case argument(name: String)

    /// What may stand between dollar signs, for sentences.
    package static let accepted =
        "$HOSTADDRESS$, $HOSTNAME$, $HOSTID$, $_HOST<NAME>$, $USER<n>$, $ARG<n>$; $$ is one dollar sign"

    /// Names a macro by what stands between the dollar signs; nil when there is none of this name.
    init?(name: String) {
        switch name {
        case "HOSTADDRESS": self = .hostAddress
        case "HOSTNAME": self = .hostName
        case "HOSTID": self = .hostID
        default:
            if let suffix = name.suffix(after: "_HOST") {
                self = .host(name: suffix.uppercased())
            } else if Self.isNumbered(name, "USER") {
                self = .user(name: name)
            } else if Self.isNumbered(name, "ARG") {
                self = .argument(name: name)
            } else {
                return nil
            }
        }
    }

    /// Whether this is the name of a user macro: `USER1` to `USER256`.
    package static func isUserMacro(_ name: String) -> Bool { isNumbered(name, "USER") }

    /// `USER1` to `USER256` and the like, without leading zeros.
    private static func isNumbered(_ name: String, _ prefix: String) -> Bool {
        guard let digits = name.suffix(after: prefix), let number = Int(digits) else { return false }
        return (1...256).contains(number) && String(number) == digits
    }

    /// The value for `host`; a variable, label or argument that is not there is the empty text.
    func value(for host: Host, userMacros: [String: String]) -> String {
        switch self {
        case .hostAddress: host.address
        case .hostName: host.name
        case .hostID: host.id.description
        case .host(let name):
            host.variables[name] ?? Self.find(name, in: host.variables) ?? Self.find(name, in: host.labels)
                ?? ""
        case .argument(let name): host.variables[name] ?? ""
        case .user(let name): userMacros[name] ?? ""
        }
    }

    /// Looks a name up without regard to case; of several the first in order wins.
    private static func find(_ name: String, in values: [String: String]) -> String? {
        values.filter { $0.key.uppercased() == name }.min { $0.key < $1.key }?.value
    }
}

extension String {
    fileprivate func suffix(after prefix: String) -> String? {
        guard utf8.count > prefix.utf8.count, hasPrefix(prefix) else { return nil }
        return String(dropFirst(prefix.count))
    }
}
