/// How many times a JPEG goes over its pixels: each is as much work as all of them, whatever few bytes it takes.
enum JPEGScans {
    /// Those that a picture may have; progressive ones have about ten.
    static let maximum = 100

    /// Start-of-scan markers (ITU-T T.81, B.1.1.3), counted wherever one could be read as one: never too few.
    static func isWithinMaximum(_ bytes: [UInt8]) -> Bool {
        var count = 0
        var isAfterFF = false
        for byte in bytes {
            if isAfterFF, byte == 0xDA { count += 1 }
            isAfterFF = byte == 0xFF
        }
        return count <= maximum
    }
}
