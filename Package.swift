// swift-tools-version: 6.2
import PackageDescription

/// Settings of every target: concurrency checked, warnings as errors, no import leaks by accident.
let house: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .treatAllWarnings(as: .error),
]

/// Outside of kits no pointer is touched without the word `unsafe`.
let noPointers: [SwiftSetting] = house + [.strictMemorySafety()]

/// A C library: a module map and inline shims in `Sources/C`.
func library(_ name: String, pkgConfig: String, apt: String) -> Target {
    .systemLibrary(name: name, path: "Sources/C/\(name)", pkgConfig: pkgConfig, providers: [.apt([apt])])
}

/// A kit wraps one C library or one part of the system; it knows nothing of monitoring.
func kit(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, path: "Sources/Kits/\(name)", swiftSettings: house)
}

/// A part that knows monitoring and touches no C.
func part(_ name: String, in folder: String = "", _ dependencies: [Target.Dependency]) -> Target {
    .target(
        name: name, dependencies: dependencies, path: "Sources/\(folder)\(name)", swiftSettings: noPointers)
}

func program(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(
        name: name, dependencies: dependencies, path: "Sources/Programs/\(name)", swiftSettings: noPointers)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(
        name: "\(name)Tests", dependencies: dependencies, path: "Tests/\(name)Tests", swiftSettings: house)
}

/// What several test targets need.
let testSupport: Target = .target(
    name: "TestSupport", dependencies: ["HTTPClient", "JSON", "Posix"], path: "Tests/Support",
    swiftSettings: house)

let capabilities: [Target.Dependency] = ["Scheduling", "Execution", "Messaging", "Storage", "Statistics"]

let package = Package(
    name: "ppalette",
    targets: [
        // C: module maps and shims.
        .target(name: "CLinux", path: "Sources/C/CLinux"),
        .target(
            name: "CBaselines",
            dependencies: ["CSQLite", "CRRD", "CSSH2", "CMicroHTTPD", "CRabbitMQ", "CPQ"],
            path: "Sources/C/CBaselines"),
        library("CSQLite", pkgConfig: "sqlite3", apt: "libsqlite3-dev"),
        library("CPQ", pkgConfig: "libpq", apt: "libpq-dev"),
        library("CRRD", pkgConfig: "librrd", apt: "librrd-dev"),
        library("CSSH2", pkgConfig: "libssh2", apt: "libssh2-1-dev"),
        library("CMicroHTTPD", pkgConfig: "libmicrohttpd", apt: "libmicrohttpd-dev"),
        library("CCurl", pkgConfig: "libcurl", apt: "libcurl4-openssl-dev"),
        library("CYaml", pkgConfig: "yaml-0.1", apt: "libyaml-dev"),
        library("CCares", pkgConfig: "libcares", apt: "libc-ares-dev"),
        library("CSodium", pkgConfig: "libsodium", apt: "libsodium-dev"),
        library("CRabbitMQ", pkgConfig: "librabbitmq", apt: "librabbitmq-dev"),

        // Kits: one C library or one part of the system each.
        kit("Posix", ["CLinux"]),
        kit("ICMP", ["CLinux", "Posix"]),
        kit("SSH", ["CSSH2", "Posix"]),
        kit("HTTPServer", ["CMicroHTTPD", "Posix"]),
        kit("HTTPClient", ["CCurl"]),
        kit("SQL", ["CSQLite", "CPQ"]),
        kit("RRD", ["CRRD"]),
        kit("AMQP", ["CRabbitMQ", "CLinux", "Posix"]),
        kit("CommandLine"),
        kit("YAML", ["CYaml"]),
        kit("Log", ["Posix"]),
        kit("JSON"),
        kit("Names", ["CCares", "Posix"]),
        kit("Secrets", ["CSodium"]),
        kit("Baselines", ["CBaselines", "Posix"]),

        // What the engine knows.
        part("Model", []),
        part("Scheduling", in: "Capabilities/", ["Model"]),
        part("Execution", in: "Capabilities/", ["Model", "Posix", "ICMP", "SSH", "Names", "Log"]),
        part("Messaging", in: "Capabilities/", ["Model", "AMQP", "JSON", "Posix", "Log"]),
        part("Storage", in: "Capabilities/", ["Model", "SQL", "Posix", "JSON", "Log"]),
        part("Statistics", in: "Capabilities/", ["Model", "RRD", "Posix", "Log"]),
        part("APIContract", ["Model", "JSON"]),
        part(
            "API",
            [
                "APIContract", "Model", "HTTPServer", "JSON", "Storage", "Statistics", "Messaging", "Secrets",
                "Log",
            ]),
        part(
            "Node",
            capabilities + [
                "API", "Model", "Posix", "Names", "SQL", "AMQP", "YAML", "CommandLine", "HTTPServer",
                "Secrets",
                "Log",
            ]),

        program("ppalette", ["Node"]),
        program("ppadm", ["APIContract", "CommandLine", "HTTPClient", "JSON", "Model"]),
        program(
            "ppbench",
            [
                "Baselines", "SQL", "Scheduling", "Storage", "Statistics", "Messaging", "AMQP", "Model",
                "Posix",
                "HTTPClient", "JSON", "CommandLine", "Log",
            ]),

        tests("Model", ["Model"]),
        tests("JSON", ["JSON"]),
        tests("Posix", ["Posix"]),
        tests("ICMP", ["ICMP", "Posix"]),
        tests("SSH", ["SSH", "Posix"]),
        tests("SQL", ["SQL"]),
        tests("RRD", ["RRD"]),
        tests("AMQP", ["AMQP", "Posix", "TestSupport"]),
        tests("YAML", ["YAML"]),
        tests("Log", ["Log"]),
        tests("Names", ["Names", "Posix"]),
        tests("HTTPServer", ["HTTPServer", "HTTPClient", "TestSupport"]),
        tests("CommandLine", ["CommandLine"]),
        tests("Secrets", ["Secrets"]),
        tests("Scheduling", ["Scheduling", "Model"]),
        tests("Execution", ["Execution", "Model", "Posix", "ICMP", "SSH", "Names", "Log", "TestSupport"]),
        tests("Messaging", ["Messaging", "Model", "AMQP", "JSON", "Posix", "Log", "TestSupport"]),
        tests("Storage", ["Storage", "Model", "SQL", "Log", "TestSupport"]),
        tests("Statistics", ["Statistics", "Model", "RRD", "Log"]),
        tests("APIContract", ["APIContract", "Model", "JSON"]),
        tests(
            "API",
            [
                "API", "APIContract", "Model", "HTTPServer", "HTTPClient", "JSON", "Storage", "Statistics",
                "Secrets", "Log", "TestSupport",
            ]),
        tests(
            "Node",
            [
                "Node", "API", "CommandLine", "JSON", "YAML", "Model", "Scheduling", "Messaging", "Storage",
                "Statistics", "Posix", "Log",
            ]),
        tests("PPAdm", ["ppadm", "APIContract", "CommandLine", "JSON"]),
        testSupport,
        tests(
            "EndToEnd",
            [
                "ppalette", "ppadm", "AMQP", "HTTPClient", "JSON", "Log", "Messaging", "Model", "Posix",
                "TestSupport",
            ]),
        tests("Torture", ["ppalette", "JSON", "HTTPClient", "Posix", "TestSupport"]),
        .testTarget(
            name: "FuzzTests",
            dependencies: [
                "Model", "Execution", "JSON", "YAML", "HTTPServer", "APIContract", "SSH", "Storage", "Node",
                "RRD", "Messaging", "AMQP", "Posix",
            ],
            path: "Tests/Fuzz", exclude: ["Corpus"], swiftSettings: house),
    ]
)
