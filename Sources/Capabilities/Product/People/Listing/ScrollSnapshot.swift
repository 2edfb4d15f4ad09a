import Foundation

/// The order of a list as of its start, in a file: the environment, then the ids, eight bytes each, the lowest first.
enum ScrollSnapshot {
    struct ID: Hashable, CustomStringConvertible {
        let high: UInt64
        let low: UInt64

        static func random() -> ID {
            ID(high: .random(in: .min ... .max), low: .random(in: .min ... .max))
        }

        init(high: UInt64, low: UInt64) {
            (self.high, self.low) = (high, low)
        }

        /// The name of a file; nil for another's.
        init?(_ name: String) {
            let parts = name.utf8.split(separator: UInt8(ascii: "-")).map { UInt64(Substring($0), radix: 16) }
            guard parts.count == 2, let high = parts[0], let low = parts[1] else { return nil }
            self.init(high: high, low: low)
        }

        var description: String { "\(String(high, radix: 16))-\(String(low, radix: 16))" }
    }

    private static let idBytes = 8

    /// - Returns: bytes of the file.
    static func write(_ ids: [Int64], environmentID: Int64, to path: String) throws -> Int {
        let data = ([environmentID] + ids).map(\.littleEndian).withUnsafeBytes { Data($0) }
        try data.write(to: URL(filePath: path), options: .atomic)
        return data.count
    }

    /// Some ids; fewer at the end.
    static func read(_ path: String, from offset: Int, count: Int) throws -> [Int64] {
        try numbers(path, from: offset + 1, count: count)
    }

    /// Whose it is; nil for a file that is not whole.
    static func environment(_ path: String) -> Int64? { try? numbers(path, from: 0, count: 1).first }

    private static func numbers(_ path: String, from offset: Int, count: Int) throws -> [Int64] {
        let file = try FileHandle(forReadingFrom: URL(filePath: path))
        defer { try? file.close() }
        try file.seek(toOffset: UInt64(offset * idBytes))
        let data = try file.read(upToCount: count * idBytes) ?? Data()
        return data.withUnsafeBytes { bytes in
            (0..<bytes.count / idBytes).map {
                Int64(littleEndian: bytes.loadUnaligned(fromByteOffset: $0 * idBytes, as: Int64.self))
            }
        }
    }
}
