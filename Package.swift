// swift-tools-version: 6.2

import PackageDescription

// The manifest is the floor plan: one folder a floor, one target a room. A room names rooms of lower floors only;
// docs/ARCHITECTURE.md lists the exceptions, and `make lint` compares.

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
    static let httpTypes = product(name: "HTTPTypes", package: "swift-http-types")
    static let grdb = product(name: "GRDB", package: "GRDB.swift")
    static let grdbSQLite = product(name: "GRDBSQLite", package: "GRDB.swift")
    static let logging = product(name: "Logging", package: "swift-log")
    static let metrics = product(name: "Metrics", package: "swift-metrics")
    static let coreMetrics = product(name: "CoreMetrics", package: "swift-metrics")
    static let lifecycle = product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
    static let unixSignals = product(name: "UnixSignals", package: "swift-service-lifecycle")
    static let configuration = product(name: "Configuration", package: "swift-configuration")
    static let arguments = product(name: "ArgumentParser", package: "swift-argument-parser")
    static let subprocess = product(name: "Subprocess", package: "swift-subprocess")
    static let systemPackage = product(name: "SystemPackage", package: "swift-system")
    static let yams = product(name: "Yams", package: "Yams")
    static let mustache = product(name: "Mustache", package: "swift-mustache")
}

/// One room of the house.
/// - Parameter floor: its folder under `Sources`.
func room(
    _ name: String, on floor: String, _ dependencies: [Target.Dependency] = [], resources: [Resource] = []
) -> Target {
    .target(
        name: name, dependencies: dependencies, path: "Sources/\(floor)/\(name)", resources: resources,
        swiftSettings: strict)
}

/// The declarations of a C library that the system has.
/// - Parameter package: what it comes with on Debian.
func systemLibrary(_ name: String, of package: String) -> Target {
    .systemLibrary(name: name, path: "Sources/C/\(name)", providers: [.apt([package])])
}

/// Code of our own in C or C++.
func cShim(_ name: String, optimized: Bool = false, links libraries: LinkerSetting...) -> Target {
    .target(
        name: name, path: "Sources/C/\(name)", cxxSettings: optimized ? [.unsafeFlags(["-O3"])] : [],
        linkerSettings: libraries)
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

/// What the program tells of the sources that it is made of.
let commit: [CSetting] =
    (Context.gitInformation).map { git in
        [.define("SEXTANT_COMMIT", to: git.currentCommit)]
            + (git.hasUncommittedChanges ? [.define("SEXTANT_COMMIT_IS_CHANGED")] : [])
    } ?? []

let package = Package(
    name: "sextant",
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0", traits: []),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
    ],
    targets: [
        // composition root
        .executableTarget(
            name: "sextant",
            dependencies: [
                "Schema", "ConvertAPI", "UserpilotAPI", "GainsightAPI", "SextantAPI", "Gateway", "Projects",
                "Automation", "Reports", "Demo",
                "Experiences",
                "Resources", "TextGeneration",
                "Contract", "Identity", "Sessions", "Collaborators", "Billing", "People",
                "Catalogue", "Content", "Features", "Images", "Events", "Exports", "Queries", "Webhooks", "Serving",
                "ServingDocument",
                "EventStore", "EventMirror", "Projections", "Jobs", "Notices",
                "ControlStore", "DuckDB", "BlobStore", "Mailer",
                "WebFetch", "Browser", "Cryptography", "HTTPClient", "LocationDatabase", "Telemetry", "InternetAddress",
                "JSON", "Text", "Time",
                "CCrashReport", "CBuild",
                .arguments,
                .configuration,
                .logging, .metrics, .coreMetrics, .lifecycle, .unixSignals, .hummingbird, .httpTypes,
                .nioCore, .nioPosix,
            ],
            path: "Sources/Root/sextant", swiftSettings: strict,
            // In an archive of `make dist` the libraries lie beside the program; those that they need are looked for there, too.
            linkerSettings: [
                .unsafeFlags([
                    "-Xlinker", "--disable-new-dtags", "-Xlinker", "-rpath", "-Xlinker", "$ORIGIN/lib",
                ])
            ]),

        room(
            "Schema", on: "Root",
            [
                "Identity", "Sessions", "Collaborators", "People", "Catalogue", "Content", "Features", "Images",
                "Resources",
                "Experiences", "Automation", "Serving", "Webhooks",
                "Jobs", "ControlStore",
            ]),

        // the engine alone, for `make bench`
        .executableTarget(
            name: "sextant-bench",
            dependencies: [
                "Schema", "Contract", "Cryptography", "ControlStore", "DuckDB", "EventStore", "Exports", "JSON",
                "People",
                "Projections", "Simulation", "Statistics", "Text", "Time", .arguments, .logging,
            ],
            path: "Sources/Root/sextant-bench", swiftSettings: strict),

        // surfaces
        room(
            "ConvertAPI", on: "Surfaces",
            [
                "Gateway", "Contract", "ControlStore", "Projects", "Demo", "Experiences", "Exports", "Reports",
                "Resources", "TextGeneration",
                "Identity", "Sessions", "Collaborators", "Billing", "Images", "Mailer",
                "Serving", "EventStore",
                "ServingDocument", "Browser",
                "Jobs", "JSON", "Text",
                "Time", .httpTypes, .nioCore,
            ]),
        room(
            "UserpilotAPI", on: "Surfaces",
            [
                "Gateway", "Contract", "Identity", "People", "Catalogue", "Content", "EventStore", "Events", "Exports",
                "Jobs",
                "Mailer", "JSON", "Text", "Time", .httpTypes,
            ]),
        room(
            "GainsightAPI", on: "Surfaces",
            [
                "Gateway", "Contract", "ControlStore", "Identity", "People", "Catalogue", "Content", "Features",
                "EventStore", "Events",
                "Webhooks", "Cryptography", "JSON", "Text", "Time", .httpTypes,
            ]),
        room(
            "SextantAPI", on: "Surfaces",
            [
                "Gateway", "Contract", "ControlStore", "Identity", "Sessions", "People", "Catalogue", "Content",
                "Features", "EventStore",
                "EventMirror", "Events", "Exports",
                "Jobs", "Queries", "Automation", "Reports", "Serving", "Webhooks", "Targeting", "JSON", "Text", "Time",
                .httpTypes,
            ]),

        // gateway
        room(
            "Gateway", on: "Gateway",
            [
                "Contract", "Reference", "ControlStore", "Identity", "Sessions", "Events", "EventStore", "Images",
                "Jobs",
                "BlobStore",
                "Telemetry",
                "InternetAddress", "Packing", "JSON", "Text", "Time", "CZlib", .metrics,
                .hummingbird, .hummingbirdCore, .hummingbirdTLS,
                .hummingbirdHTTP2, .httpTypes, .nioCore, .nioPosix, .nioSSL, .nioHTTP1, .nioHTTPTypes,
                .nioHTTPTypesHTTP1,
                .nioFoundation, .logging, .lifecycle,
            ]),
        room("Contract", on: "Gateway", ["JSON", "Text", .yams, .httpTypes], resources: [.copy("Documents")]),
        // What its pages load is in the program itself: nothing but the contracts has to lie beside it.
        room(
            "Reference", on: "Gateway", ["Contract", "JSON", "Text", .httpTypes],
            resources: [
                .embedInCode("Assets/reference.css"), .embedInCode("Assets/reference.js"),
                .embedInCode("Assets/icon.svg"),
            ]),

        // capabilities
        room(
            "Identity", on: "Capabilities/Accounts",
            ["ControlStore", "Cryptography", "Mailer", "Time", "JSON", "Text", "CArgon2"]),
        room(
            "Sessions", on: "Capabilities/Accounts",
            ["Identity", "ControlStore", "Cryptography", "JSON", "Time", "Text", .logging]),
        room(
            "Collaborators", on: "Capabilities/Accounts", ["Identity", "ControlStore", "Cryptography", "Time"]),
        room(
            "Billing", on: "Capabilities/Accounts",
            ["Identity", "Notices", "ControlStore", "Jobs", "HTTPClient", "JSON", "Text", "Time"]),
        room(
            "People", on: "Capabilities/Product",
            ["ControlStore", "EventStore", "Projections", "Cryptography", "Time", "JSON", "Text", .logging]),
        room(
            "Catalogue", on: "Capabilities/Product",
            ["ControlStore", "EventStore", "Projections", "Time", "JSON", "Text", .logging]),
        room(
            "Images", on: "Capabilities/Media",
            [
                "ControlStore", "BlobStore", "Jobs", "Browser", "JSON", "Text", "Time", "CGD", .logging,
                .nioCore,
                .nioPosix,
            ]),
        room(
            "Features", on: "Capabilities/Product",
            ["EventStore", "Projections", "ControlStore", "JSON", "Text", "Time"]),
        room("Content", on: "Capabilities/Product", ["ControlStore", "Time", "JSON", "Text"]),
        room(
            "Events", on: "Capabilities/Product",
            [
                "EventStore", "ControlStore", "Jobs", "LocationDatabase", "InternetAddress", "CZlib", "JSON", "Text",
                "Time", .metrics,
                .nioCore,
                .nioPosix,
                .logging,
            ]),
        room(
            "Webhooks", on: "Capabilities/Data",
            [
                "EventStore", "ControlStore", "HTTPClient", "WebFetch", "Cryptography", "InternetAddress", "JSON",
                "Text",
                "Time", .logging, .metrics, .nioCore,
            ]),
        room(
            "Notices", on: "Capabilities/Data",
            ["ControlStore", "Jobs", "Mailer", "Cryptography", "JSON", "Text", "Time", .mustache]),
        room(
            "Exports", on: "Capabilities/Data",
            [
                "EventStore", "Jobs", "DuckDB", "BlobStore", "Notices", "Mailer", "ControlStore", "JSON", "Text",
                "Time",
                .logging, .metrics,
            ]),

        room(
            "Projects", on: "Capabilities/Experiments",
            [
                "Resources", "Identity", "ControlStore", "WebFetch", "ProjectDocuments", "ServingDocument",
                "InternetAddress",
                "JSON", "Text", "Time",
            ]),
        room("TextGeneration", on: "Capabilities/Experiments", ["HTTPClient", "JSON", "Text", .nioCore]),
        room(
            "Experiences", on: "Capabilities/Experiments",
            [
                "Resources", "Identity", "ControlStore", "EventStore", "Browser", "ProjectDocuments", "JSON", "Text",
                "Time",
            ]),
        room(
            "Reports", on: "Capabilities/Experiments",
            [
                "Experiences", "Resources", "Identity", "EventStore", "ControlStore", "BlobStore", "Jobs",
                "ProjectDocuments", "Statistics", "JSON", "Text", "Time", .nioPosix,
            ]),
        room(
            "Automation", on: "Capabilities/Experiments",
            [
                "Reports", "Experiences", "Resources", "Identity", "EventStore", "ControlStore", "ProjectDocuments",
                "JSON",
                "Time",
            ]),
        room(
            "Resources", on: "Capabilities/Experiments",
            [
                "Identity", "ControlStore", "ProjectDocuments", "ServingDocument", "Targeting", "Cryptography", "JSON",
                "Text", "Time", .logging,
            ]),
        room(
            "Serving", on: "Capabilities/Experiments",
            [
                "EventStore", "ControlStore", "Projections", "ProjectDocuments", "ServingDocument", "Bucketing",
                "Targeting",
                "InternetAddress", "Cryptography", "Packing", "JSON", "Text", "Time", .logging, .metrics, .nioCore,
                .nioPosix,
            ]),
        room(
            "Demo", on: "Capabilities/Experiments",
            [
                "Projects", "Experiences", "Serving", "Resources", "Identity", "ControlStore", "Jobs",
                "ProjectDocuments",
                "Simulation",
                "JSON", "Text", "Time",
            ]),
        room(
            "Queries", on: "Capabilities/Data",
            ["EventMirror", "EventStore", "Sandbox", "DuckDB", "JSON", "Text", "Time", .nioPosix, .logging, .metrics]),

        // storage
        room("Jobs", on: "Storage", ["ControlStore", "Time", "JSON", .logging, .metrics, .lifecycle]),
        room("ControlStore", on: "Storage", ["Time", "JSON", .grdb, .grdbSQLite, .logging, .metrics]),
        room("Projections", on: "Storage", ["ControlStore", "EventStore", "Time"]),
        room(
            "EventStore", on: "Storage", ["DuckDB", "JSON", "Text", "Time", "CXXHash", .logging, .metrics, .lifecycle]),
        room("EventMirror", on: "Storage", ["EventStore", "JSON", .logging]),
        room("DuckDB", on: "Engines", ["CDuckDB", .nioPosix]),
        room("Sandbox", on: "Engines", ["CSandbox"]),
        room("Cryptography", on: "Engines", ["CCrypto", "Text"]),
        room(
            "BlobStore", on: "Storage", ["Cryptography", "HTTPClient", "Text", "Time", .nioCore, .nioPosix]),
        room("Mailer", on: "Engines", ["CCurl", "Time", .nioPosix]),
        room("Browser", on: "Engines", ["WebFetch", "JSON", .subprocess, .systemPackage]),
        room("HTTPClient", on: "Engines", ["WebFetch", "CCurl", "Text", .nioCore]),
        room("WebFetch", on: "Engines", ["CCurl", .nioCore, .nioPosix, .nioSOCKS]),
        room("LocationDatabase", on: "Engines", ["CMaxMindDB", "InternetAddress", .logging, .metrics]),

        // pure cores
        room("Bucketing", on: "Cores"),
        room("Targeting", on: "Cores", ["JSON", "Text"]),
        room("Statistics", on: "Cores"),
        room("Simulation", on: "Cores", ["Statistics"]),
        room("ProjectDocuments", on: "Cores", ["JSON"]),
        room("ServingDocument", on: "Cores", ["ProjectDocuments", "JSON", "Text"]),
        room("JSON", on: "Cores", ["CSimdjson", "Text"]),
        room("Text", on: "Cores"),
        room("Time", on: "Cores"),
        room("Packing", on: "Cores", ["CZlib"]),
        room("InternetAddress", on: "Cores"),

        room("Telemetry", on: "Cores", [.coreMetrics]),

        // C
        .target(name: "CBuild", path: "Sources/C/CBuild", cSettings: commit),
        cShim("CCrashReport"),
        cShim("CCrypto", links: .linkedLibrary("crypto")),
        cShim("CCurl", links: .linkedLibrary("curl")),
        cShim("CDuckDB", links: .linkedLibrary("dl", .when(platforms: [.linux]))),
        cShim("CGD", links: .linkedLibrary("gd")),
        cShim("CSandbox"),
        cShim("CSimdjson", optimized: true, links: .linkedLibrary("simdjson")),
        systemLibrary("CArgon2", of: "libargon2-dev"),
        systemLibrary("CMaxMindDB", of: "libmaxminddb-dev"),
        systemLibrary("CXXHash", of: "libxxhash-dev"),
        systemLibrary("CZlib", of: "zlib1g-dev"),

        // what tests share
        support("StoreTestSupport", ["TestSupport", "Schema", "ControlStore", "EventStore", "JSON", "Time"]),
        support(
            "ExperimentsTestSupport",
            [
                "TestSupport", "Schema", "Resources", "Experiences", "Projects", "Identity", "ControlStore", "JSON",
                "Time",
            ]),
        support("TestSupport", ["Time"]),

        // tests
        .testTarget(
            name: "FuzzTests",
            dependencies: [
                "BlobStore", "Contract", "EventStore", "Events", "Exports", "Gateway", "Images", "InternetAddress",
                "JSON",
                "Mailer", "People", "Resources", "Targeting", "Text", "Time", "UserpilotAPI", .httpTypes,
            ],
            exclude: ["Cases"], swiftSettings: strict),
        tests(of: "Telemetry", [.coreMetrics]),
        tests(of: "Sessions", ["Identity", "ControlStore", "Schema", "Time", "TestSupport"]),
        tests(of: "Collaborators", ["Identity", "ControlStore", "Schema", "Time", "TestSupport"]),
        tests(of: "Cryptography", ["Text"]),
        tests(of: "HTTPClient", ["WebFetch", "TestSupport", .nioCore]),
        tests(of: "TextGeneration", ["HTTPClient"]),
        tests(of: "Billing", ["JSON"]),
        tests(of: "Text"),
        tests(of: "JSON", ["TestSupport"]),
        tests(of: "Bucketing", ["JSON"], data: ["golden.json", "golden.py"]),
        tests(
            of: "Targeting", ["JSON", "Text"],
            data: ["golden.json", "golden.py", "references.json", "references.mjs"]),
        tests(of: "Statistics", ["JSON"], data: ["golden.json", "golden.py"]),
        tests(of: "Simulation", ["Statistics"]),
        tests(of: "ProjectDocuments", ["JSON"]),
        tests(of: "ServingDocument", ["Contract", "ProjectDocuments", "JSON"]),
        tests(of: "Time"),
        tests(of: "InternetAddress"),
        tests(of: "Contract", ["JSON", "TestSupport", .httpTypes]),
        tests(of: "Reference", ["Contract", "JSON"]),
        tests(of: "Packing"),
        tests(of: "DuckDB", ["TestSupport"]),
        tests(of: "BlobStore", ["Cryptography", "Text", "Time", .nioCore, "TestSupport"]),
        tests(of: "Mailer", ["Time", "TestSupport"]),
        tests(
            of: "Notices",
            ["ControlStore", "Cryptography", "Jobs", "JSON", "Mailer", "Time", "StoreTestSupport", "TestSupport"]),
        tests(of: "WebFetch", ["TestSupport", .nioCore, .nioPosix]),
        tests(
            of: "LocationDatabase", ["InternetAddress", "JSON", "TestSupport", .logging],
            data: ["golden.json", "golden.mmdb", "golden.py"]),
        tests(of: "Browser", ["TestSupport"]),
        tests(of: "EventStore", ["DuckDB", "JSON", "Text", "Time", "TestSupport"]),
        tests(
            of: "People",
            [
                .logging, "ControlStore", "EventStore", "Projections", "Cryptography", "JSON", "Text", "Time",
                "StoreTestSupport", "TestSupport",
            ]),
        tests(
            of: "Catalogue",
            ["ControlStore", "EventStore", "Projections", "JSON", "Text", "Time", "StoreTestSupport"]),
        tests(of: "Identity", ["Cryptography", "Schema", "ControlStore", "Text", "Time", "TestSupport"]),
        tests(
            of: "Images",
            [
                .nioCore, "BlobStore", "ControlStore", "Jobs", "JSON", "Time", "StoreTestSupport", "TestSupport",
            ]),
        tests(of: "Features", ["EventStore", "Time", "StoreTestSupport"]),
        tests(
            of: "Webhooks",
            [
                "ControlStore", "Cryptography", "EventStore", "WebFetch", "JSON", "Text", "Time", "StoreTestSupport",
                "TestSupport", .logging,
            ]),
        tests(of: "Content", ["ControlStore", "Time", "JSON", "StoreTestSupport"]),
        tests(
            of: "Jobs",
            ["Schema", "JSON", .logging, .lifecycle, "ControlStore", "Time", "StoreTestSupport", "TestSupport"]),
        tests(
            of: "ConvertAPI",
            [
                "ControlStore", "EventStore", "Experiences", "Identity", "JSON", "Projects", "Resources", "Time",
                "ExperimentsTestSupport", "TestSupport", .logging,
            ]),
        tests(of: "UserpilotAPI", ["Events", "EventStore", "JSON", "Time"]),
        tests(of: "GainsightAPI", ["Cryptography", "Events", "EventStore", "Gateway", "JSON", "Time", .httpTypes]),
        tests(
            of: "Events",
            [
                "EventStore", "ControlStore", "DuckDB", "Jobs", "CZlib", "JSON", "Text", "Time",
                "StoreTestSupport",
                "TestSupport",
                "UserpilotAPI",
            ]),
        tests(
            of: "Resources",
            ["Schema", "ControlStore", "Experiences", "Identity", "JSON", "Targeting", "ExperimentsTestSupport"]),
        tests(
            of: "Experiences",
            [
                "ControlStore", "EventStore", "Identity", "JSON", "Projects", "Resources", "Time",
                "ExperimentsTestSupport", "TestSupport", .logging,
            ]),
        tests(
            of: "Projects",
            [
                "ControlStore", "Experiences", "Identity", "JSON", "Resources", "ExperimentsTestSupport", "TestSupport",
            ]),
        tests(
            of: "Serving",
            [
                .logging, "ControlStore", "EventStore", "ProjectDocuments", "Projections", "ServingDocument",
                "Targeting",
                "InternetAddress", "JSON", "Text",
                "Time", "StoreTestSupport", "TestSupport",
            ]),
        tests(
            of: "Reports",
            [
                "BlobStore", "ControlStore", "EventStore", "Experiences", "Identity", "JSON", "Jobs",
                "ProjectDocuments",
                "Projects", "Resources", "Statistics", "Text", "Time",
                "ExperimentsTestSupport", "TestSupport", .logging,
            ], data: ["golden.json", "golden.py"]),
        tests(of: "Demo", ["JSON", "ProjectDocuments", "Serving", "Time"]),
        tests(
            of: "Automation",
            [
                "ControlStore", "Experiences", "Identity", "JSON", "ProjectDocuments", "Projects", "Reports",
                "Resources",
                "Time",
                "ExperimentsTestSupport", "TestSupport",
            ]),
        tests(of: "EventMirror", ["EventStore", "DuckDB", "JSON", "Time", "TestSupport", .logging]),
        tests(of: "Queries", ["EventMirror", "EventStore", "DuckDB", "JSON", "Time", "TestSupport", .logging]),
        tests(
            of: "Exports",
            [
                "EventStore", "ControlStore", "BlobStore", "Cryptography", "Mailer", "Notices", "Jobs", "DuckDB",
                "JSON",
                "Text",
                "Time",
                "StoreTestSupport", "TestSupport",
            ]),
        tests(
            of: "Gateway",
            [
                "Contract", "Identity", "InternetAddress", "JSON", "Text", .hummingbird, .hummingbirdTesting,
                .httpTypes,
                .logging,
                .nioCore, .nioPosix, "TestSupport",
            ]),
    ],
    swiftLanguageModes: [.v6],
    cxxLanguageStandard: .cxx17
)
