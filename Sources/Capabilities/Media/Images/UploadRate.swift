import Time

/// How many pictures of a kind a project takes in an hour (contract schema `UploadCdnImageRequestData`).
enum UploadRate {
    static let perHour = 50
    private static let windowSeconds: Int64 = 3_600

    /// Since when pictures count.
    static func start(_ now: Timestamp) -> Timestamp { now.adding(seconds: -windowSeconds) }

    /// - Parameter oldest: when the picture came that is the last but ``perHour``; nil when there are not so many.
    /// - Throws: ``ImageError/tooMany(perHour:retryAfterSeconds:)``.
    static func check(_ oldest: Timestamp?, _ now: Timestamp) throws(ImageError) {
        guard let oldest else { return }
        throw .tooMany(perHour: perHour, retryAfterSeconds: max(oldest.seconds - start(now).seconds, 1))
    }
}
