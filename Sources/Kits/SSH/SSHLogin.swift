import Posix

/// Logs a session in: tries key files in order, then the keys of an agent, and remembers why each did not do.
///
/// The request `none` is never sent: servers answer it late on purpose.
package final class SSHLogin {
    private enum Attempt {
        case file(String)
        case agentKey(SSHAgent.Identity)
    }

    /// Servers hang up after six refusals (MaxAuthTries).
    private static let maximumAttempts = 5

    private enum AgentState {
        case notAsked
        case asked(SSHAgent)
        case listed(SSHAgent)
        case finished
    }

    private let session: SSHSession
    private let user: String
    private let agentSocket: String?
    private var waiting: [Attempt]
    private var current: Attempt?
    private var agent = AgentState.notAsked
    private var isSigning = false
    private var attemptsMade = 0
    private var objections: [String] = []

    package init(session: SSHSession, user: String, keyFiles: [String], agentSocket: String?) {
        self.session = session
        self.user = user
        self.agentSocket = agentSocket
        waiting = keyFiles.map { .file($0) }
        if agentSocket == nil { agent = .finished }
    }

    /// The agent's descriptor, to be watched for reading besides the session's; nil when none is open.
    package var agentDescriptor: Int32? { openAgent?.descriptor }

    private var openAgent: SSHAgent? {
        switch agent {
        case .asked(let agent), .listed(let agent): agent
        case .notAsked, .finished: nil
        }
    }

    /// Goes on; true when logged in, false: call again when a descriptor is ready.
    package func step() throws(SSHError) -> Bool {
        while true {
            do {
                if let current { return try carryOn(current) }
                if !waiting.isEmpty {
                    try begin(waiting.removeFirst())
                } else if try !fetchAgentKeys() {
                    return false
                }
            } catch  where error.kind == .authentication {
                note(error)
                if attemptsMade >= Self.maximumAttempts { throw refusal() }
            }
            if case .finished = agent, current == nil, waiting.isEmpty { throw refusal() }
        }
    }

    private func begin(_ attempt: Attempt) throws(SSHError) {
        if case .file(let path) = attempt, let objection = SSHIdentity.objection(to: path) {
            throw SSHError(.authentication, objection)
        }
        attemptsMade += 1
        current = attempt
    }

    private func carryOn(_ attempt: Attempt) throws(SSHError) -> Bool {
        switch attempt {
        case .file(let path): try session.logIn(as: user, keyFile: path)
        case .agentKey(let identity): try logIn(with: identity)
        }
    }

    /// Remembers why the current attempt failed, and ends it.
    private func note(_ error: SSHError) {
        if case .agentKey(let identity) = current {
            objections.append("\(error.description) (\(identity.comment))")
        } else {
            objections.append(error.description)
        }
        current = nil
        session.tap.signature = nil
        session.tap.signatureRequest = nil
        isSigning = false
    }

    private func logIn(with identity: SSHAgent.Identity) throws(SSHError) -> Bool {
        while true {
            if isSigning {
                guard let signature = try openAgent?.signature() else { return false }
                session.tap.signature = signature
                isSigning = false
            }
            if try session.logIn(as: user, publicKey: identity.blob) { return true }
            guard let data = session.tap.signatureRequest, session.tap.signature == nil else { return false }
            try openAgent?.requestSignature(of: data, by: identity.blob)
            isSigning = true
        }
    }

    /// Makes the agent's keys the next attempts; false: not answered yet.
    private func fetchAgentKeys() throws(SSHError) -> Bool {
        switch agent {
        case .notAsked: agent = .asked(try askAgent())
        case .listed: agent = .finished
        case .asked, .finished: break
        }
        guard case .asked(let asked) = agent else { return true }
        let found: [SSHAgent.Identity]
        do {
            guard let list = try asked.identities() else { return false }
            found = list
        } catch {
            agent = .finished
            throw error
        }
        let usable = found.filter { SSHLibrary.supportsRSA || $0.type != "ssh-rsa" }
        agent = usable.isEmpty ? .finished : .listed(asked)
        waiting = usable.map { .agentKey($0) }
        guard usable.isEmpty else { return true }
        let onlyRSA = "the agent holds only RSA keys: \(SSHLibrary.rsaAdvice)"
        throw SSHError(.authentication, found.isEmpty ? "the agent holds no key" : onlyRSA)
    }

    private func askAgent() throws(SSHError) -> SSHAgent {
        agent = .finished
        do {
            let opened = try SSHAgent(socketPath: agentSocket ?? "")
            try opened.requestIdentities()
            return opened
        } catch let error as PosixError {
            throw SSHError(.authentication, error.description)
        } catch let error as SSHError {
            throw error
        } catch {
            throw SSHError(.authentication, "the SSH agent cannot be asked: \(error)")
        }
    }

    private func refusal() -> SSHError {
        let reasons =
            objections.isEmpty ? "no key file and no agent is set" : objections.joined(separator: "; ")
        return SSHError(.authentication, "no key let \(user) in: \(reasons)")
    }
}
