package import JSON
package import Model

// How configured objects are shown: every declared field, in the declared order.

extension Host {
    package var view: JSONValue {
        [
            "name": .string(name), "address": .string(address), "login": .string(login),
            "port": .integer(Int64(port)), "maintenance": .bool(maintenance), "history": .bool(history),
            "suites": JSONValue(suites), "subnet": JSONValue(subnet),
            "labels": JSONValue(labels),
            "variables": JSONValue(variables), "zone": .string(zone),
        ]
    }
}

extension Plugin {
    package var view: JSONValue {
        [
            "name": .string(name), "runner": .string(runner.rawValue), "script": .string(script),
            "arguments": .string(arguments), "interval": .integer(Int64(interval)),
            "timeout": .integer(Int64(timeout)), "description": .string(description),
            "suites": JSONValue(suites), "allow_silent": .bool(allowSilent),
            "allow_background": .bool(allowBackground),
            "warm": .bool(warm), "zones": JSONValue(zones), "quorum": .integer(Int64(quorum)),
        ]
    }
}

extension Suite {
    package var view: JSONValue {
        [
            "name": .string(name), "description": .string(description), "plugins": JSONValue(plugins),
            "hosts": JSONValue(hosts), "subnets": JSONValue(subnets),
        ]
    }
}

extension Subnet {
    package var view: JSONValue {
        [
            "name": .string(name), "network": .string(network), "suite": JSONValue(suite),
            "auto_discovery": .bool(autoDiscovery), "interval": .integer(Int64(interval)),
            "discovered_maintenance": .bool(discoveredMaintenance), "zone": .string(zone),
        ]
    }
}
