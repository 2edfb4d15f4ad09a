import HTTPTypes
public import Text

/// Tells clients of members that nothing read. Their answers stay what the vendors' are; the names stand in a field beside:
///
/// ```
/// Sextant-Unknown-Fields: "properties";did-you-mean="metadata", "colour"
/// ```
///
/// The field is a list of strings with parameters (RFC 9651, section 3.1); what is not printable ASCII is percent-encoded.
enum UnknownFields {
    static let name = HTTPField.Name("Sextant-Unknown-Fields")

    /// Bytes of a field: some proxies have 4 KB for all fields of an answer.
    private static let maximumBytes = 1_024

    static func value(_ names: [UnknownName]) -> String? {
        var value = ""
        for name in names {
            let meant = name.suggestion.map { ";did-you-mean=\(quoted($0))" } ?? ""
            let item = (value.isEmpty ? "" : ", ") + quoted(name.path) + meant
            guard value.utf8.count + item.utf8.count <= maximumBytes else { continue }
            value += item
        }
        return value.isEmpty ? nil : value
    }

    private static func quoted(_ text: String) -> String {
        var quoted = "\""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                quoted += "\\"
                quoted.unicodeScalars.append(Unicode.Scalar(byte))
            case UInt8(ascii: "%"): quoted += "%25"
            case 0x20...0x7E: quoted.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                quoted += digits.utf8.count == 1 ? "%0\(digits)" : "%\(digits)"
            }
        }
        return quoted + "\""
    }
}

extension HTTPFields {
    /// Tells of names that nothing read; without any, nothing is told.
    mutating func tell(_ names: [UnknownName]) {
        guard !names.isEmpty, let field = UnknownFields.name, let value = UnknownFields.value(names) else { return }
        self[field] = value
    }
}

extension OperationResponse {
    /// The same answer, with the names that nothing read in the field `Sextant-Unknown-Fields`.
    public func telling(_ names: [UnknownName]) -> OperationResponse {
        guard !names.isEmpty else { return self }
        var response = self
        response.headers.tell(names)
        return response
    }
}

extension APIError {
    /// The same, with the names that nothing read. Where what is missing stands under one of them, the sentence says so.
    public func telling(_ names: [UnknownName]) -> APIError {
        guard !names.isEmpty else { return self }
        var error = self
        let isTold = UnknownFields.name.map { headers.contains($0) } ?? false
        error.headers.tell(names)
        let misnamed = names.first { name in
            name.suggestion.map { known in fields.contains { $0.name.hasByteSuffix(known) } } ?? false
        }
        if let misnamed, !isTold { error.message += " \(misnamed)" }
        return error
    }
}
