extension Host {
    /// With white space around names trimmed, the address in its canonical form and variables in upper case.
    ///
    /// Of two variables that differ in case only, the later in order wins.
    package func normalised() -> Host {
        var host = self
        host.name = name.trimmed
        host.address = IPAddress(address.trimmed)?.description ?? address.trimmed
        host.login = login.trimmed
        host.zone = zone.trimmed
        let ordered = variables.sorted { $0.key < $1.key }.map { ($0.key.trimmed.uppercased(), $0.value) }
        host.variables = Dictionary(ordered) { $1 }
        host.labels = Dictionary(labels.map { ($0.key.trimmed, $0.value) }) { $1 }
        return host
    }

    /// Everything that is wrong with it; empty when nothing is.
    package func validate() -> [ValidationError] {
        var rules = Rules()
        rules.name(name)
        if IPAddress(address) == nil {
            rules.refuse("address", address, "must be an IPv4 or IPv6 address, as 192.0.2.1 or 2001:db8::1")
        }
        if !Rules.isWord(login, signs: ".-@$\\+", lengths: 1...64) {
            rules.refuse(
                "login", login,
                "must be an account name of 1 to 64 letters, digits and . _ - @ + $ that begins "
                    + "with a letter, a digit or _")
        }
        rules.whole(port, in: 1...65_535, field: "port")
        rules.zone(zone)
        validateLabels(&rules)
        validateVariables(&rules)
        return rules.errors
    }

    /// Whether a text can be the name of a zone.
    package static func isZone(_ text: String) -> Bool { Rules.isZone(text) }

    private func validateLabels(_ rules: inout Rules) {
        for (name, value) in labels.sorted(by: { $0.key < $1.key }) {
            if Rules.isWord(name, signs: ".-", lengths: 1...63) {
                rules.text(value, field: "labels.\(name)", maximumBytes: Rules.maximumValueBytes)
            } else {
                rules.refuse("labels", name, "must have names of 1 to 63 letters, digits and . _ -")
            }
        }
    }

    private func validateVariables(_ rules: inout Rules) {
        for (name, value) in variables.sorted(by: { $0.key < $1.key }) {
            if Rules.isWord(name, signs: "", lengths: 1...63), name == name.uppercased() {
                rules.text(value, field: "variables.\(name)", maximumBytes: Rules.maximumValueBytes)
            } else {
                rules.refuse("variables", name, "must have names of 1 to 63 characters out of A-Z, 0-9 and _")
            }
        }
    }
}
