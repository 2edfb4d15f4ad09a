import HTTPTypes
import Text

/// How a body is packed on its way: `Content-Encoding` (RFC 9110, 8.4).
enum ContentCoding {
    case identity
    case gzip

    /// - Throws: `APIError` 415 for codings that are not known, or several at once; whether or not there is a body, as a
    ///   client that names one means to send it.
    init(_ headers: HTTPFields) throws(APIError) {
        guard let field = headers[.contentEncoding] else {
            self = .identity
            return
        }
        let codings = field.lowercased().split(byte: ",").map { $0.filter { $0 != " " && $0 != "\t" } }
            .filter { !$0.isEmpty && $0 != "identity" }
        switch codings {
        case []: self = .identity
        case ["gzip"], ["x-gzip"]: self = .gzip
        default:
            throw APIError(
                .unsupportedMediaType,
                "Content-Encoding \(field.prefix(40)) is not supported; send gzip or no encoding.",
                headers: [.acceptEncoding: "gzip"])
        }
    }
}
