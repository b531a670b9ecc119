extension Plugin {
    /// With white space around name and script trimmed.
    package func normalised() -> Plugin {
        var plugin = self
        plugin.name = name.trimmed
        plugin.script = script.trimmed
        plugin.zones = zones.map(\.trimmed)
        return plugin
    }

    /// Everything that is wrong with it; empty when nothing is.
    ///
    /// `userMacros` are the names (`USER1`) that the configuration has; nil takes every name.
    package func validate(userMacros: Set<String>? = nil) -> [ValidationError] {
        var rules = Rules()
        rules.name(name)
        validateScript(&rules)
        rules.whole(interval, in: Self.intervals, field: "interval", of: "seconds")
        rules.whole(timeout, in: Self.timeouts, field: "timeout", of: "seconds")
        rules.text(
            description, field: "description", maximumBytes: Rules.maximumDescriptionBytes, mayHaveLines: true
        )
        validateArguments(&rules, userMacros)
        if warm, runner != .local {
            rules.refuse("warm", "true", "must be false unless the runner is local")
        }
        validateOpinions(&rules)
        return rules.errors
    }

    private func validateOpinions(_ rules: inout Rules) {
        for zone in zones where !Rules.isZone(zone) {
            rules.refuse("zones", zone, "must be names of 1 to 63 letters, digits and . _ -")
        }
        if Set(zones).count < zones.count {
            rules.refuse("zones", zones.joined(separator: ", "), "must name each zone once")
        }
        if !zones.isEmpty, timeout > interval {
            rules.refuse(
                "timeout", "\(timeout)",
                "must be at most the interval, \(interval), where several zones are asked: the run of one must not "
                    + "outlast the next of all")
        }
        if zones.count > Self.mostZones {
            rules.refuse("zones", "\(zones.count)", "must be at most \(Self.mostZones) zones")
        }
        let most = max(1, zones.count)
        if !(1...most).contains(quorum) {
            rules.refuse(
                "quorum", "\(quorum)", "must be from 1 to the number of its zones, which is \(zones.count)")
        }
    }

    private func validateScript(_ rules: inout Rules) {
        guard runner != .builtin else {
            guard !ICMPOptions.scripts.contains(script) else { return }
            let known = ICMPOptions.scripts.joined(separator: ", ")
            rules.refuse("script", script, "must be one of \(known) for the runner builtin")
            return
        }
        rules.name(script, field: "script")
        if let first = script.utf8.first, [Byte.point, Byte.minus].contains(first) {
            rules.refuse("script", script, "must be a file name that does not begin with a dot or a dash")
        }
    }

    private func validateArguments(_ rules: inout Rules, _ userMacros: Set<String>?) {
        guard arguments.utf8.count <= Rules.maximumArgumentBytes else {
            rules.refuse(
                "arguments", "\(arguments.utf8.count)",
                "must have at most \(Rules.maximumArgumentBytes) bytes")
            return
        }
        do {
            let template = try CommandTemplate(arguments: arguments, knownUserMacros: userMacros)
            if runner == .builtin { try checkOptions(template) }
        } catch {
            rules.refuse("arguments", arguments, "cannot be used: \(error)")
        }
    }

    /// Reads the options of a built-in check when they do not depend on the host's variables.
    private func checkOptions(_ template: CommandTemplate) throws(ICMPOptionsError) {
        guard template.macros.isSubset(of: [.hostAddress, .hostName, .hostID]) else { return }
        let example = Host(id: HostID(1), name: "example", address: "192.0.2.1")
        _ = try ICMPOptions(arguments: template.expand(host: example))
    }
}
