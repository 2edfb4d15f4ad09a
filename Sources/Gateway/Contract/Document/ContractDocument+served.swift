extension ContractDocument {
    /// The document with addresses of this server in place of the paths that its `servers` are: what programs read that are
    /// made from it.
    ///
    /// - Parameter origin: such as `https://sextant.example.com`, without a slash at its end.
    public func yaml(at origin: String) -> [UInt8] {
        // What stands in no address is left out: the origin may be what a client says.
        let quoted = origin.utf8.filter { (0x21...0x7e).contains($0) }
            .flatMap { $0 == UInt8(ascii: "'") ? [$0, $0] : [$0] }
        var served: [UInt8] = []
        served.reserveCapacity(yaml.count + 256)
        for (number, line) in yaml.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated() {
            if number > 0 { served.append(UInt8(ascii: "\n")) }
            if let (margin, path) = Self.server(line) {
                served += margin
                served += Self.opening
                served.append(UInt8(ascii: "'"))
                served += quoted
                served += path
                served += Array("'}]".utf8)
            } else {
                served += line
            }
        }
        return served
    }

    private static let opening = Array("servers: [{url: ".utf8)

    /// The margin and the path of a line such as `servers: [{url: /api/v2}]`; the root is an empty path.
    private static func server(_ line: ArraySlice<UInt8>) -> (margin: ArraySlice<UInt8>, path: ArraySlice<UInt8>)? {
        let margin = line.prefix { $0 == UInt8(ascii: " ") }
        let rest = line[margin.endIndex...]
        guard rest.starts(with: opening + [UInt8(ascii: "/")]), rest.suffix(2).elementsEqual("}]".utf8) else {
            return nil
        }
        let path = rest.dropFirst(opening.count).dropLast(2)
        return (margin, path.count == 1 ? path.dropFirst() : path)
    }
}
