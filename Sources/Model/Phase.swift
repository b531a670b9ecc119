/// Where in its interval a check runs: decided by its identity alone, so that it survives restarts and nothing bunches up.
package enum Phase {
    /// A number in `0..<interval`, both in milliseconds; spread evenly over all checks.
    package static func milliseconds(of check: CheckID, interval: Int64) -> Int64 {
        var hash = UInt64(bitPattern: check.host.value) &* 0x9e37_79b9_7f4a_7c15
        hash = mixed(hash) ^ (UInt64(bitPattern: check.plugin.value) &* 0xc2b2_ae3d_27d4_eb4f)
        return Int64(mixed(hash) % UInt64(interval))
    }

    /// The finaliser of SplitMix64 (Steele, Lea, Flood 2014): every input bit reaches every output bit.
    private static func mixed(_ value: UInt64) -> UInt64 {
        var bits = value
        bits = (bits ^ (bits >> 30)) &* 0xbf58_476d_1ce4_e5b9
        bits = (bits ^ (bits >> 27)) &* 0x94d0_49bb_1331_11eb
        return bits ^ (bits >> 31)
    }
}
