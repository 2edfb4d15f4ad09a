// swift-tools-version: 6.2

import PackageDescription

// The manifest is the floor plan: one target a room, and a room may only name the rooms below it.

let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .treatAllWarnings(as: .error),
]

extension Target.Dependency {
    static let nioCore = product(name: "NIOCore", package: "swift-nio")
    static let nioPosix = product(name: "NIOPosix", package: "swift-nio")
    static let nioHTTP1 = product(name: "NIOHTTP1", package: "swift-nio")
    static let nioFoundation = product(name: "NIOFoundationCompat", package: "swift-nio")
    static let nioSOCKS = product(name: "NIOSOCKS", package: "swift-nio-extras")
    static let nioHTTPTypes = product(name: "NIOHTTPTypes", package: "swift-nio-extras")
    static let nioHTTPTypesHTTP1 = product(name: "NIOHTTPTypesHTTP1", package: "swift-nio-extras")
    static let nioSSL = product(name: "NIOSSL", package: "swift-nio-ssl")
    static let hummingbird = product(name: "Hummingbird", package: "hummingbird")
    static let hummingbirdCore = product(name: "HummingbirdCore", package: "hummingbird")
    static let hummingbirdTLS = product(name: "HummingbirdTLS", package: "hummingbird")
    static let hummingbirdHTTP2 = product(name: "HummingbirdHTTP2", package: "hummingbird")
    static let hummingbirdTesting = product(name: "HummingbirdTesting", package: "hummingbird")
    static let httpClient = product(name: "AsyncHTTPClient", package: "async-http-client")
    static let httpTypes = product(name: "HTTPTypes", package: "swift-http-types")
    static let grdb = product(name: "GRDB", package: "GRDB.swift")
    static let crypto = product(name: "Crypto", package: "swift-crypto")
    static let logging = product(name: "Logging", package: "swift-log")
    static let metrics = product(name: "Metrics", package: "swift-metrics")
    static let coreMetrics = product(name: "CoreMetrics", package: "swift-metrics")
    static let lifecycle = product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
    static let unixSignals = product(name: "UnixSignals", package: "swift-service-lifecycle")
    static let arguments = product(name: "ArgumentParser", package: "swift-argument-parser")
    static let subprocess = product(name: "Subprocess", package: "swift-subprocess")
    static let systemPackage = product(name: "SystemPackage", package: "swift-system")
    static let yams = product(name: "Yams", package: "Yams")
}

/// One room of the house.
func room(_ name: String, _ dependencies: [Target.Dependency] = [], resources: [Resource] = []) -> Target {
    .target(name: name, dependencies: dependencies, resources: resources, swiftSettings: strict)
}

/// What the tests of several rooms share; no room and no product names it.
func support(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .target(name: name, dependencies: dependencies, path: "Tests/\(name)", swiftSettings: strict)
}

/// The tests of one room.
/// - Parameter data: files beside the tests that they read.
func tests(of room: String, _ dependencies: [Target.Dependency] = [], data: [String] = []) -> Target {
    .testTarget(
        name: "\(room)Tests", dependencies: [.init(stringLiteral: room)] + dependencies, exclude: data,
        swiftSettings: strict)
}

let package = Package(
    name: "sextant",
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
    ],
    targets: [
        // composition root
        .executableTarget(
            name: "sextant",
            dependencies: [
                "ConvertAPI", "UserpilotAPI", "SextantAPI", "Gateway", "Experiments", "Contract", "Identity", "People",
                "Catalogue", "Content", "Images", "Events", "Exports", "Queries", "Serving", "ServingDocument",
                "EventStore", "EventMirror", "Projections", "Jobs",
                "ControlStore", "DuckDB", "BlobStore", "Mailer",
                "WebFetch", "Browser", "Telemetry", "InternetAddress", "JSON", "Time", "CCrashReport", .arguments,
                .httpClient,
                .logging, .coreMetrics, .lifecycle, .unixSignals, .hummingbird, .httpTypes, .crypto,
                .nioCore, .nioHTTP1, .nioPosix,
            ],
            swiftSettings: strict),

        // the engine alone, for `make bench`
        .executableTarget(
            name: "sextant-bench",
            dependencies: ["Contract", "DuckDB", "EventStore", "Exports", "JSON", "Time", .arguments],
            swiftSettings: strict),

        // surfaces
        room(
            "ConvertAPI",
            [
                "Gateway", "Contract", "ControlStore", "Experiments", "Identity", "Images", "Serving",
                "ServingDocument", "Browser",
                "Jobs", "JSON", "Text",
                "Time", .httpTypes,
            ]),
        room(
            "UserpilotAPI",
            [
                "Gateway", "Contract", "Identity", "People", "Catalogue", "Content", "EventStore", "Events", "Exports",
                "Jobs",
                "Mailer", "JSON", "Text", "Time", .httpTypes,
            ]),
        room(
            "SextantAPI",
            [
                "Gateway", "Contract", "ControlStore", "Identity", "People", "Catalogue", "Content", "EventStore",
                "EventMirror", "Events",
                "Queries", "Serving", "Targeting", "JSON", "Text", "Time", .httpTypes,
            ]),

        // gateway
        room(
            "Gateway",
            [
                "Contract", "Identity", "Events", "EventStore", "Images", "Jobs", "BlobStore", "Telemetry",
                "InternetAddress", "JSON", "Text", "Time", "CZlib", .metrics,
                .hummingbird, .hummingbirdCore, .hummingbirdTLS,
                .hummingbirdHTTP2, .httpTypes, .nioCore, .nioPosix, .nioSSL, .nioHTTP1, .nioHTTPTypes,
                .nioHTTPTypesHTTP1,
                .nioFoundation, .logging, .lifecycle,
            ]),
        room("Contract", ["JSON", "Text", .yams, .httpTypes], resources: [.copy("Documents")]),

        // capabilities
        room("Identity", ["ControlStore", "Time", "JSON", "Text", "CArgon2", .crypto, .grdb]),
        room("People", ["ControlStore", "EventStore", "Projections", "Time", "JSON", "Text", .grdb, .logging]),
        room("Catalogue", ["ControlStore", "EventStore", "Projections", "Time", "JSON", "Text", .grdb, .logging]),
        room(
            "Images",
            [
                "ControlStore", "BlobStore", "Jobs", "Browser", "JSON", "Text", "Time", "CGD", .grdb, .logging,
                .nioCore,
                .nioPosix,
            ]),
        room("Content", ["ControlStore", "Time", "JSON", "Text", .grdb]),
        room(
            "Events",
            [
                "EventStore", "ControlStore", "Jobs", "CZlib", "JSON", "Text", "Time", .crypto, .grdb, .metrics,
                .nioCore,
                .nioPosix,
                .logging,
            ]),
        room(
            "Exports",
            [
                "EventStore", "Jobs", "DuckDB", "BlobStore", "Mailer", "ControlStore", "JSON", "Text", "Time", .crypto,
                .grdb,
                .logging,
            ]),

        room(
            "Experiments",
            [
                "Identity", "ControlStore", "EventStore", "WebFetch", "Browser", "ServingDocument", "Targeting",
                "InternetAddress", "JSON", "Text", "Time", .crypto, .grdb,
            ]),
        room(
            "Serving",
            [
                "EventStore", "ControlStore", "Projections", "ServingDocument", "Bucketing", "Targeting",
                "InternetAddress", "CZlib", "JSON", "Text", "Time", .crypto, .grdb, .logging, .metrics,
            ]),
        room("Queries", ["EventMirror", "Sandbox", "DuckDB", "JSON", "Text", "Time", .nioPosix, .logging, .metrics]),

        // storage
        room("Jobs", ["ControlStore", "Time", "JSON", .grdb, .logging, .lifecycle]),
        room("ControlStore", ["Time", "JSON", .grdb, .logging, .metrics]),
        room("Projections", ["ControlStore", "EventStore", "Time", .grdb]),
        room("EventStore", ["DuckDB", "JSON", "Text", "Time", "CXXHash", .logging, .metrics, .lifecycle]),
        room("EventMirror", ["EventStore", "DuckDB", "JSON", "CXXHash", .logging]),
        room("DuckDB", ["CDuckDB", .nioPosix]),
        room("Sandbox", ["CSandbox"]),
        room("BlobStore", ["Time", .crypto, .httpClient, .nioCore, .nioHTTP1, .nioPosix]),
        room("Mailer", ["CCurl", "Time", .nioPosix]),
        room("Browser", ["WebFetch", "JSON", .subprocess, .systemPackage]),
        room("WebFetch", ["CCurl", .nioCore, .nioPosix, .nioSOCKS]),

        // pure cores
        room("Bucketing"),
        room("Targeting", ["JSON", "Text"]),
        room("ServingDocument", ["JSON", "Text"]),
        room("JSON", ["CSimdjson", "Text"]),
        room("Text"),
        room("Time"),
        room("InternetAddress"),

        room("Telemetry", [.coreMetrics]),

        // C
        .target(name: "CDuckDB", linkerSettings: [.linkedLibrary("dl", .when(platforms: [.linux]))]),
        .target(
            name: "CSimdjson", cxxSettings: [.unsafeFlags(["-O3"])],
            linkerSettings: [.linkedLibrary("simdjson")]),
        .target(name: "CCrashReport"),
        .target(name: "CCurl", linkerSettings: [.linkedLibrary("curl")]),
        .target(name: "CSandbox"),
        .target(name: "CGD", linkerSettings: [.linkedLibrary("gd")]),
        .systemLibrary(name: "CArgon2", providers: [.apt(["libargon2-dev"])]),
        .systemLibrary(name: "CXXHash", providers: [.apt(["libxxhash-dev"])]),
        .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"])]),

        // what tests share
        support("StoreTestSupport", ["TestSupport", "ControlStore", "EventStore", "JSON", "Time", .grdb]),
        support("TestSupport", ["Time"]),

        // tests
        .testTarget(
            name: "FuzzTests",
            dependencies: [
                "BlobStore", "Contract", "EventStore", "Events", "Experiments", "Exports", "Gateway", "Images",
                "InternetAddress", "JSON", "Mailer", "People", "Targeting", "Text", "Time", .httpTypes,
            ],
            exclude: ["Cases"], swiftSettings: strict),
        tests(of: "Telemetry", [.coreMetrics]),
        tests(of: "Text"),
        tests(of: "JSON", ["TestSupport"]),
        tests(of: "Bucketing", ["JSON"], data: ["golden.json", "golden.py"]),
        tests(
            of: "Targeting", ["JSON", "Text"],
            data: ["golden.json", "golden.py", "references.json", "references.mjs"]),
        tests(of: "ServingDocument", ["Contract", "JSON"]),
        tests(of: "Time"),
        tests(of: "InternetAddress"),
        tests(of: "Contract", ["JSON", "TestSupport", .httpTypes]),
        tests(of: "DuckDB", ["TestSupport"]),
        tests(of: "BlobStore", ["Time", .httpClient, .nioCore, .crypto, "TestSupport"]),
        tests(of: "Mailer", ["Time", "TestSupport"]),
        tests(of: "WebFetch", ["TestSupport"]),
        tests(of: "EventStore", ["DuckDB", "JSON", "Text", "Time", "TestSupport"]),
        tests(
            of: "People",
            [
                .grdb, .logging, "ControlStore", "EventStore", "Projections", "JSON", "Text", "Time",
                "StoreTestSupport", "TestSupport",
            ]),
        tests(
            of: "Catalogue",
            [.grdb, "ControlStore", "EventStore", "Projections", "JSON", "Text", "Time", "StoreTestSupport"]),
        tests(of: "Identity", [.crypto, .grdb, "ControlStore", "Time", "TestSupport"]),
        tests(
            of: "Images",
            [
                .grdb, .nioCore, "BlobStore", "ControlStore", "Jobs", "JSON", "Time", "StoreTestSupport", "TestSupport",
            ]),
        tests(of: "Content", [.grdb, "ControlStore", "Time", "JSON", "StoreTestSupport"]),
        tests(
            of: "Jobs",
            ["JSON", .grdb, .logging, .lifecycle, "ControlStore", "Time", "StoreTestSupport", "TestSupport"]),
        tests(
            of: "Events",
            [
                .grdb, "EventStore", "ControlStore", "DuckDB", "Jobs", "CZlib", "JSON", "Text", "Time",
                "StoreTestSupport",
                "TestSupport",
            ]),
        tests(
            of: "Experiments",
            [.grdb, .logging, "ControlStore", "EventStore", "Identity", "JSON", "Text", "Time", "TestSupport"]),
        tests(
            of: "Serving",
            [
                .grdb, .logging, "ControlStore", "EventStore", "Projections", "ServingDocument", "Targeting",
                "InternetAddress", "JSON", "Text",
                "Time", "StoreTestSupport", "TestSupport",
            ]),
        tests(of: "EventMirror", ["EventStore", "DuckDB", "JSON", "Time", "TestSupport", .logging]),
        tests(of: "Queries", ["EventMirror", "EventStore", "DuckDB", "JSON", "Time", "TestSupport", .logging]),
        tests(
            of: "Exports",
            [
                "EventStore", "ControlStore", "BlobStore", "Mailer", "Jobs", "DuckDB", "JSON", "Text", "Time",
                "StoreTestSupport", "TestSupport",
            ]),
        tests(
            of: "Gateway",
            [
                "Contract", "Identity", "InternetAddress", "JSON", "Text", .hummingbird, .hummingbirdTesting,
                .httpTypes,
                .logging,
                .nioCore, "TestSupport",
            ]),
    ],
    swiftLanguageModes: [.v6],
    cxxLanguageStandard: .cxx17
)
