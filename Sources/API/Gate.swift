import APIContract
import HTTPServer
import Secrets
import Synchronization

/// Lets requests with the token pass.
///
/// A wrong token is answered after a pause, so that guessing is slow; the pause holds up nobody else. Above a
/// number of pauses at once answers come without one, since each pause holds a connection.
final class Gate: Sendable {
    private let token: AccessToken
    private let pauses = Mutex(0)
    private static let pause = Duration.milliseconds(250)
    private static let pausesAtOnce = 32

    init(token: AccessToken) { self.token = token }

    /// Whether a valid token came; throws 401 when one is needed, and always when a wrong one came.
    func isKnown(_ request: Request, needsToken: Bool) async throws(Problem) -> Bool {
        guard let header = request.header("authorization") else {
            guard needsToken else { return false }
            throw Self.refusal("a token is needed; send Authorization: Bearer and the token", "")
        }
        let words = header.split(separator: " ", maxSplits: 1)
        guard words.count == 2, ["bearer", "token"].contains(words[0].lowercased()) else {
            throw Self.refusal("the Authorization header is none; write Bearer and the token", "")
        }
        if token.matches(String(words[1]).filter { $0 != " " }) { return true }
        await wait()
        throw Self.refusal(
            "the token is not valid; it is in admin.token of the engine's state directory",
            ", error=\"invalid_token\"")
    }

    private func wait() async {
        let mayWait = pauses.withLock { count in
            guard count < Self.pausesAtOnce else { return false }
            count += 1
            return true
        }
        guard mayWait else { return }
        // A cancelled pause is a short one.
        try? await Task.sleep(for: Self.pause)
        pauses.withLock { $0 -= 1 }
    }

    private static func refusal(_ detail: String, _ error: String) -> Problem {
        Problem(401, detail, headers: [("WWW-Authenticate", "Bearer realm=\"ppalette\"" + error)])
    }
}
