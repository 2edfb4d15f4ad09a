import Contract
import HTTPTypes
import Text

/// The fields of a form that was posted, as the JSON that they stand for. Brackets in names make objects and lists
/// (`metadata[plan]=pro`, `tags[]=a`), and a value that is an object or a list in JSON is one.
struct FormFields {
    private let fields: [(name: String, value: String)]
    /// JSON that is the whole body, encoded as a form's field would be.
    private let whole: String?

    /// More than any form has: a form is read in one piece, several times over.
    private static let maximumBytes = 1_024 * 1_024
    private static let maximumCount = 2_000
    private static let maximumDepth = 16

    /// Nil for bodies that are no form.
    /// - Throws: `APIError` 400 for a form that cannot be read, 413 for one that is too large.
    init?(_ bytes: [UInt8], _ type: DeclaredType) throws(APIError) {
        if type.isForm {
            guard bytes.count <= Self.maximumBytes else { throw Self.tooLarge }
            guard bytes.count(where: { $0 == UInt8(ascii: "&") }) < Self.maximumCount else { throw Self.tooMany }
            guard let text = String(validating: bytes, as: UTF8.self) else {
                throw APIError(.badRequest, "The form is not valid UTF-8.")
            }
            let items = RawParameters.query(text)
            fields = items
            whole = items.first.flatMap { Self.isJSON($0.name) ? Self.joined(items) : nil }
        } else if let boundary = MultipartForm.boundary(of: type.field) {
            guard bytes.count <= Self.maximumBytes else { throw Self.tooLarge }
            fields = try Self.parts(bytes, boundary)
            whole = nil
        } else {
            return nil
        }
        guard fields.allSatisfy({ Self.steps($0.name).count <= Self.maximumDepth }) else {
            throw APIError(.badRequest, "A name in the form has more than \(Self.maximumDepth) brackets.")
        }
    }

    private static var tooLarge: APIError {
        APIError(.contentTooLarge, "A form may have at most \(maximumBytes) bytes here; send JSON.")
    }

    private static var tooMany: APIError {
        APIError(.badRequest, "A form may have at most \(maximumCount) fields; send JSON.")
    }

    private static func parts(
        _ bytes: [UInt8], _ boundary: String
    ) throws(APIError) -> [(name: String, value: String)] {
        let form: MultipartForm
        do {
            form = try MultipartForm(bytes, boundary: boundary)
        } catch {
            guard case .malformed(let reason) = error else { throw APIError(.badRequest, "The form cannot be read.") }
            throw APIError(.badRequest, reason)
        }
        var fields: [(name: String, value: String)] = []
        for part in form.parts {
            guard let value = String(validating: bytes[part.range], as: UTF8.self) else {
                throw APIError.invalid(part.name, "\(part.name) is not valid UTF-8.")
            }
            fields.append((part.name, value))
        }
        return fields
    }

    /// - Parameter takesList: whether a list as the only field's value is the body, rather than that field's.
    /// - Returns: JSON, and whether it is a list.
    func json(takesList: Bool) -> (bytes: [UInt8], isList: Bool) {
        if let whole { return (Array(whole.utf8), Self.isList(whole)) }
        // `data={...}`: whatever the field is called, it is the body.
        if fields.count == 1, let only = fields.first?.value, Self.isJSON(only), takesList || !Self.isList(only) {
            return (Array(only.utf8), Self.isList(only))
        }
        var root = FormValue.object(FormValue.Members())
        for field in fields { root.set(field.value, at: Self.steps(field.name)[...], isRoot: true) }
        return (Array(root.json.utf8), false)
    }

    private static func isJSON(_ text: String) -> Bool {
        FormValue.isStructure(text)
    }

    private static func isList(_ text: String) -> Bool { text.hasBytePrefix("[") }

    private static func joined(_ fields: [(name: String, value: String)]) -> String {
        fields.map { $0.value.isEmpty ? $0.name : "\($0.name)=\($0.value)" }.joined(separator: "&")
    }

    /// `a`, `b` and nothing for `a[b][]`.
    private static func steps(_ name: String) -> [String] {
        let pieces = name.split(byte: "[", omittingEmptySubsequences: false)
        guard pieces.count > 1, !pieces[0].isEmpty, pieces.dropFirst().allSatisfy({ $0.hasByteSuffix("]") }) else {
            return [name]
        }
        return [pieces[0]] + pieces.dropFirst().map { String(Substring($0.utf8.dropLast())) }
    }
}
