import Synchronization

/// How many texts are written at once: each holds a connection, and costs whoever pays the service.
final class GenerationPlaces: Sendable {
    /// Of one account.
    static let mostOfOne = 4
    /// Of all together.
    static let most = 32

    private let held = Mutex<[Int64: Int]>([:])

    /// A place of the account, until nobody holds it any more.
    /// - Throws: ``TextGenerationError/busy(most:isAccount:)``.
    func take(_ account: Int64) throws(TextGenerationError) -> GenerationPlace {
        let refusal: TextGenerationError? = held.withLock { held in
            if held.values.reduce(0, +) >= Self.most { return .busy(most: Self.most, isAccount: false) }
            if held[account, default: 0] >= Self.mostOfOne { return .busy(most: Self.mostOfOne, isAccount: true) }
            held[account, default: 0] += 1
            return nil
        }
        if let refusal { throw refusal }
        return GenerationPlace { [self] in giveBack(account) }
    }

    private func giveBack(_ account: Int64) {
        held.withLock { held in
            let left = held[account, default: 0] - 1
            held[account] = left > 0 ? left : nil
        }
    }
}

/// One of ``GenerationPlaces``.
final class GenerationPlace: Sendable {
    private let onEnd: @Sendable () -> Void

    init(onEnd: @escaping @Sendable () -> Void) {
        self.onEnd = onEnd
    }

    deinit { onEnd() }
}
