/// The engine library could not be loaded.
public struct EngineError: Error, Sendable, Equatable {
    /// One place that was looked at.
    public struct Attempt: Sendable, Equatable {
        /// The library's path, or a bare name given to the system's loader.
        public let library: String
        /// Why it did not serve.
        public let reason: String
    }

    /// Every place looked at, in order.
    public let attempts: [Attempt]
    /// Whether the operator named the library, so that nothing else was tried.
    public let isNamed: Bool
}

extension EngineError: CustomStringConvertible {
    public var description: String {
        var lines = ["The event engine, DuckDB \(Engine.version), could not be loaded. Tried:"]
        lines += attempts.map { "  \($0.library): \($0.reason)" }
        lines.append(
            isNamed
                ? "SEXTANT_DUCKDB_LIBRARY names this library: name a libduckdb.so of version \(Engine.version), "
                    + "or unset it and run scripts/bootstrap."
                : "Run scripts/bootstrap, which fetches it, or set SEXTANT_DUCKDB_LIBRARY to a libduckdb.so of version "
                    + "\(Engine.version).")
        return lines.joined(separator: "\n")
    }
}
