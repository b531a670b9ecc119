import Glibc
import Testing

@testable import SSH

/// What key files, agents and servers send.
@Suite("Fuzz: SSH")
struct SSHFuzz {
    @Test("a key file of any bytes is read as a key or as none; its lines may end in any way")
    func keys() async throws {
        try await Fuzzer("ssh-keys", signs: "-----BEGIN END PRIVATE KEY:\n\r=+/").run { input, _ in
            let identity = SSHIdentity(parsing: input)
            let returns = input.flatMap { $0 == 10 ? [13, 10] : [$0] }
            try hold(SSHIdentity(parsing: returns) == identity, "line ends change nothing")
            try hold(SSHIdentity(parsing: input.filter { $0 != 45 }) == nil, "without dashes it is no key")
        }
    }

    @Test("a reply of an agent is a list of keys, a signature or an error, and never more than was sent")
    func replies() async throws {
        try await Fuzzer("ssh-replies", signs: "\u{0}\u{1}\u{5}\u{c}\u{e}\u{ff}").run { input, _ in
            do throws(SSHError) {
                let keys = try SSHAgent.identities(in: input)
                let bytes = keys.reduce(0) { $0 + 8 + $1.blob.count }
                try Self.check(bytes <= input.count, "keys are made of what was sent")
            } catch {
                try hold(!"\(error)".isEmpty, "the refusal is a sentence")
            }
            if let signature = try? SSHAgent.signature(in: input) {
                try hold(signature.count + 13 <= input.count, "a signature is made of what was sent")
            }
        }
    }

    /// A broken rule as the error of the kit, whose throws are typed.
    private static func check(_ condition: Bool, _ rule: String) throws(SSHError) {
        if !condition { Issue.record("\(rule)") }
    }

    @Test("a packet tells of an opened channel or of an end, and only when it is whole")
    func packets() async throws {
        try await Fuzzer("ssh-packets", signs: "\u{5b}\u{62}\u{0}\u{b}exit-status").run { input, _ in
            let tap = SessionTap()
            // As the library hands it over: from malloc, whose size is asked for.
            guard let memory = malloc(max(1, input.count)) else { return }
            defer { free(memory) }
            UnsafeMutableRawBufferPointer(start: memory, count: input.count).copyBytes(from: input)
            tap.inspect(memory)
            try hold(tap.opened == nil || input.first == 91, "opened comes from message 91")
            try hold(tap.exits.isEmpty || input.first == 98, "an end comes from message 98")
            // The library's memory is told in steps of eight bytes and more.
            try hold(tap.exits.isEmpty || input.count > 8, "an end names its channel")
            guard case .status(let code)? = tap.exits.values.first, input.count >= 25 else { return }
            let sent = input[21..<25].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            try hold(code == sent, "the status is the one that was sent")
        }
    }
}
