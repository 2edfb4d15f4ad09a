/// How long a body may take to arrive. What is slower keeps a connection, and memory, busy on purpose.
enum BodyDeadline {
    /// Below this after `graceSeconds` a body is too slow.
    private static let minimumBytesPerSecond = 1_024.0
    private static let graceSeconds = 10.0
    /// Every body has so long, and a second more for each `bytesPerSecond` that have arrived.
    private static let baseSeconds = 60.0
    private static let bytesPerSecond = 32.0 * 1_024
    /// No body has longer, however large it is.
    private static let mostSeconds = 600.0

    /// Whether a body of which so much has arrived after so long is given up.
    static func isPassed(receivedBytes: Int, after seconds: Double) -> Bool {
        let received = Double(receivedBytes)
        if seconds > graceSeconds, received / seconds < minimumBytesPerSecond { return true }
        return seconds > min(baseSeconds + received / bytesPerSecond, mostSeconds)
    }
}
