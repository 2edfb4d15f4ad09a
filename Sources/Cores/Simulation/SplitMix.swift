import Foundation

/// Random numbers that follow from a seed, the same on every machine.
///
/// Source: G. Steele, D. Lea, C. Flood, Fast splittable pseudorandom number generators (2014).
public struct SplitMix: RandomNumberGenerator, Sendable {
    private var state: UInt64

    /// - Parameter stream: generators of one seed and different streams have nothing to do with each other.
    public init(seed: UInt64, stream: UInt64 = 0) {
        state = Self.mixed(seed &+ Self.step) ^ Self.mixed(stream)
    }

    init(state: UInt64) {
        self.state = state
    }

    public mutating func next() -> UInt64 {
        state &+= Self.step
        return Self.mixed(state)
    }

    /// Between 0 and 1, both excluded.
    public mutating func uniform() -> Double { (Double(next() >> 11) + 0.5) * 0x1p-53 }

    /// Of the standard normal distribution, as Box and Muller draw it.
    public mutating func normal() -> Double { (-2 * log(uniform())).squareRoot() * cos(2 * .pi * uniform()) }

    private static let step: UInt64 = 0x9E37_79B9_7F4A_7C15

    private static func mixed(_ value: UInt64) -> UInt64 {
        var value = value
        value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
        return value ^ value >> 31
    }
}
