/// What a person can do next when the engine has just started: how to call `ppadm` from here, which address to open.
struct FirstSteps: Sendable {
    private static let knownAddress = "http://127.0.0.1:8420"

    /// The URL that programs on this machine use.
    let address: String
    let tokenFile: String
    /// The command with the options that it needs here.
    let ppadm: String

    /// `listening` is the URL of the API, `program` the engine as it was called, `searchPath` the shell's PATH;
    /// `ppadm` is taken from beside the engine when `isProgram` finds it there.
    init(
        listening: String, tokenFile: String, program: String, searchPath: String, workingFolder: String,
        isProgram: (String) -> Bool
    ) {
        address = Self.reachable(listening)
        self.tokenFile = tokenFile
        // These are found by ppadm itself.
        let known = ["/var/lib/ppalette", "var", "./var", workingFolder + "/var"].map { $0 + "/admin.token" }
        ppadm =
            Self.ppadm(besides: program, searchPath: searchPath, isProgram: isProgram)
            + (address == Self.knownAddress ? "" : " --url \(address)")
            + (known.contains(tokenFile) ? "" : " --token-file \(tokenFile)")
    }

    /// Lines for a terminal, with commands that work as they are in `folder`.
    func text(in folder: String) -> String {
        """

          ppalette is running; Ctrl-C ends it. Next, in another terminal in \(folder):

            \(ppadm) show status            # every check, problems first
            \(ppadm) show status --watch    # the same, again and again
            \(ppadm) --help                 # all that can be shown, added, changed and run

          The API is at \(address)/api/v1 and takes the token of \(tokenFile):

            curl -H "Authorization: Bearer $(cat \(tokenFile))" \(address)/api/v1/status

          Without a token a browser can open \(address)/api/v1/health


        """
    }

    private static func ppadm(
        besides program: String, searchPath: String, isProgram: (String) -> Bool
    ) -> String {
        guard let slash = program.lastIndex(of: "/") else { return "ppadm" }
        let folder = String(program[..<slash])
        let isFoundByShell = searchPath.split(separator: ":").contains { $0 == folder }
        return isFoundByShell || !isProgram(folder + "/ppadm") ? "ppadm" : folder + "/ppadm"
    }

    /// An engine that listens on every address is reached on loopback.
    private static func reachable(_ url: String) -> String {
        for (every, loopback) in [
            ("http://0.0.0.0:", "http://127.0.0.1:"), ("http://[::]:", "http://[::1]:"),
        ]
        where url.hasPrefix(every) {
            return loopback + url.dropFirst(every.count)
        }
        return url
    }
}
