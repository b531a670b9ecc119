extension Suite {
    /// With white space around the name trimmed.
    package func normalised() -> Suite {
        var suite = self
        suite.name = name.trimmed
        return suite
    }

    /// Everything that is wrong with it; empty when nothing is.
    package func validate() -> [ValidationError] {
        var rules = Rules()
        rules.name(name)
        rules.text(
            description, field: "description", maximumBytes: Rules.maximumDescriptionBytes, mayHaveLines: true
        )
        return rules.errors
    }
}

extension Subnet {
    /// Seconds between two sweeps.
    package static let intervals = 1...2_678_400

    /// With white space around name and network trimmed, the network in its canonical form.
    package func normalised() -> Subnet {
        var subnet = self
        subnet.name = name.trimmed
        // What is no network stays as it was given, for `validate()` to refuse.
        subnet.zone = zone.trimmed
        subnet.network = (try? IPNetwork(network.trimmed))?.description ?? network.trimmed
        return subnet
    }

    /// Everything that is wrong with it; empty when nothing is.
    ///
    /// A network that is too large to sweep is only refused when it is to be swept by itself.
    package func validate() -> [ValidationError] {
        var rules = Rules()
        rules.name(name)
        rules.whole(interval, in: Self.intervals, field: "interval", of: "seconds")
        rules.zone(zone)
        do {
            let refusal = try IPNetwork(network).sweepRefusal
            if autoDiscovery, let refusal { rules.refuse("network", network, refusal) }
        } catch {
            rules.refuse("network", network, error.sentence)
        }
        return rules.errors
    }
}
