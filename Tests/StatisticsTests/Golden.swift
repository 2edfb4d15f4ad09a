import Foundation
import JSON
import Testing

/// What SciPy, statsmodels and mpmath computed; `golden.py` writes it.
struct Golden {
    private let document: JSONValue

    static let all = Result { try Golden() }

    private init() throws {
        let url = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "golden.json")
        document = try JSONValue(parsing: [UInt8](Data(contentsOf: url)))
    }

    static func rows(_ name: String) throws -> [JSONValue] {
        try #require(try all.get().document[name]?.array)
    }
}

extension JSONValue {
    func number(_ name: String) throws -> Double { try #require(self[name]?.double) }

    func numbers(_ name: String) throws -> [Double] { try #require(self[name]?.array).compactMap(\.double) }
}

/// Whether a value is within a relative error of what it should be.
func isNear(_ value: Double, _ expected: Double, _ error: Double = 1e-10) -> Bool {
    value == expected || abs(value - expected) <= error * max(abs(expected), 1e-300)
}
