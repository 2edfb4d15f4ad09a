import HTTPTypes
import Text

/// What proxies say of those they heard from, oldest first, in `X-Forwarded-For` and `X-Forwarded-Proto`, or in `Forwarded`
/// (RFC 7239).
///
/// Of each the older form counts where there is one. Proxies that know only that let through whatever a client writes into
/// `Forwarded`, while those that write `Forwarded` know both.
struct ToldHops {
    /// Whom each proxy heard from, as it writes it.
    let senders: [String]
    private let schemes: [String?]

    init(_ headers: HTTPFields) {
        func lines(_ name: HTTPField.Name?) -> [String] { name.map { headers[values: $0] } ?? [] }
        let addresses = Self.list(lines(Self.forwardedFor))
        let protocols = Self.list(lines(Self.forwardedProto))
        let elements =
            addresses.isEmpty || protocols.isEmpty
            ? lines(Self.forwarded).flatMap { ForwardedElement.all(in: $0) } : []
        senders = addresses.isEmpty ? elements.map { $0.sender ?? "" } : addresses
        schemes = protocols.isEmpty ? elements.map(\.scheme) : protocols
    }

    /// - Parameter lines: of `X-Forwarded-For` alone, in their order.
    init(forwardedFor lines: [String]) {
        senders = Self.list(lines)
        schemes = []
    }

    /// Whether the outermost trusted proxy was spoken to over TLS; nil when nobody says so.
    /// - Parameter hops: how many trusted proxies are between it and this server's own peer.
    func isSecure(past hops: Int) -> Bool? {
        // Many proxies replace the scheme instead of adding theirs: then one stands for all.
        // Where the client is in a trusted network itself, the first one heard from it.
        let place = schemes.count == senders.count ? max(schemes.count - 1 - hops, 0) : schemes.count - 1
        guard schemes.indices.contains(place), let scheme = schemes[place] else { return nil }
        switch scheme.lowercased().filter({ $0 != " " && $0 != "\t" }) {
        case "https": return true
        case "http": return false
        default: return nil
        }
    }

    /// By bytes: what a client puts before a proxy's comma must not hide it.
    private static func list(_ lines: [String]) -> [String] { lines.flatMap { $0.split(byte: ",") } }

    private static let forwardedFor = HTTPField.Name("X-Forwarded-For")
    private static let forwardedProto = HTTPField.Name("X-Forwarded-Proto")
    private static let forwarded = HTTPField.Name("Forwarded")
}

/// What one proxy says in `Forwarded`.
struct ForwardedElement: Equatable {
    /// Whom it heard from; nil when it does not say.
    var sender: String?
    /// How it was spoken to; nil likewise.
    var scheme: String?

    /// The elements of a line, in their order. What cannot be read is an element that says nothing: what stands before it
    /// was added by others, and counts no more.
    static func all(in line: String) -> [ForwardedElement] {
        pieces(of: Array(line.utf8)[...], at: UInt8(ascii: ",")).map { piece in
            var element = ForwardedElement()
            for pair in pieces(of: piece, at: UInt8(ascii: ";")) {
                guard let equals = pair.firstIndex(of: UInt8(ascii: "=")) else { continue }
                let value = text(pair[(equals + 1)...])
                switch text(pair[..<equals]).lowercased() {
                case "for": element.sender = value
                case "proto": element.scheme = value
                default: break
                }
            }
            return element
        }
    }

    /// Splits at a byte that stands in no quotes.
    private static func pieces(of bytes: ArraySlice<UInt8>, at separator: UInt8) -> [ArraySlice<UInt8>] {
        var pieces: [ArraySlice<UInt8>] = []
        var (start, isQuoted, isEscaped) = (bytes.startIndex, false, false)
        for index in bytes.indices {
            let byte = bytes[index]
            if isEscaped {
                isEscaped = false
            } else if isQuoted, byte == UInt8(ascii: "\\") {
                isEscaped = true
            } else if byte == UInt8(ascii: "\"") {
                isQuoted.toggle()
            } else if byte == separator, !isQuoted {
                pieces.append(bytes[start..<index])
                start = index + 1
            }
        }
        return pieces + [bytes[start...]]
    }

    /// A token or a quoted text, without the blanks around it.
    private static func text(_ bytes: ArraySlice<UInt8>) -> String {
        var bytes = bytes
        func isBlank(_ byte: UInt8?) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
        while isBlank(bytes.first) { bytes.removeFirst() }
        while isBlank(bytes.last) { bytes.removeLast() }
        let quote = UInt8(ascii: "\"")
        guard bytes.count >= 2, bytes.first == quote, bytes.last == quote else {
            return String(decoding: bytes, as: UTF8.self)
        }
        // Nothing that counts here needs a backslash.
        return String(decoding: bytes.dropFirst().dropLast(), as: UTF8.self)
    }
}
