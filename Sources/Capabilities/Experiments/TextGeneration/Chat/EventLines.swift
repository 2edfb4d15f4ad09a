/// Cuts a stream of server-sent events into lines, however the network cuts it.
struct EventLines {
    private var rest: [UInt8] = []

    /// The data of the events that the bytes complete (`data: ...`); other lines are passed over.
    mutating func take(_ bytes: some Collection<UInt8>) -> [[UInt8]] {
        var found: [[UInt8]] = []
        for byte in bytes {
            guard byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") else {
                rest.append(byte)
                continue
            }
            if let data = Self.data(of: rest) { found.append(data) }
            rest.removeAll(keepingCapacity: true)
        }
        return found
    }

    private static func data(of line: [UInt8]) -> [UInt8]? {
        guard line.starts(with: "data:".utf8) else { return nil }
        let data = line.dropFirst(5)
        return Array(data.first == UInt8(ascii: " ") ? data.dropFirst() : data)
    }
}
