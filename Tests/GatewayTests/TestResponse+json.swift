import HTTPTypes
import HummingbirdTesting
import JSON
import NIOCore

extension TestResponse {
    /// The body as JSON.
    var json: JSONValue {
        get throws { try JSONValue(parsing: Array(body.readableBytesView)) }
    }

    /// The names of the fields that an error of the things' surface names.
    var errorFields: [String] {
        get throws { try json["fields"]?.array?.compactMap(\.string) ?? [] }
    }
}

extension HTTPFields {
    /// A good key.
    static let key: HTTPFields = [.authorization: "Token good"]

    /// A good key, and the type of a body.
    static func key(_ contentType: String?, encoding: String? = nil) -> HTTPFields {
        var headers = key
        headers[.contentType] = contentType
        headers[.contentEncoding] = encoding
        return headers
    }
}
