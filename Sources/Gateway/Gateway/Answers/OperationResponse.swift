public import HTTPTypes
public import JSON
public import NIOCore

/// What a handler answers.
public struct OperationResponse: Sendable {
    /// The content of an answer.
    public enum Body: Sendable {
        case none
        case bytes([UInt8])
        /// Bytes that are in memory anyway, whoever asks for them.
        case shared([UInt8])
        /// Chunks as they become available; `length` in bytes when it is known beforehand. An empty chunk sends nothing:
        /// it asks whether somebody still reads, and the stream is let go of when nobody does. A stream that throws is
        /// cut, so that no client takes it for whole.
        case stream(length: Int?, @Sendable () -> AsyncThrowingStream<ByteBuffer, any Error>)
    }

    /// What is handed to a connection at a time, in bytes: more than that of an answer is copied only once the client has
    /// read what came before.
    static let pieceBytes = 64 * 1_024

    public var status: HTTPResponse.Status
    public var headers: HTTPFields
    public var body: Body

    public init(status: HTTPResponse.Status, headers: HTTPFields = [:], body: Body = .none) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// A JSON answer.
    public static func json(_ value: JSONValue, status: HTTPResponse.Status = .ok) -> OperationResponse {
        json(value.encoded(), status: status)
    }

    /// The same from bytes that are JSON already.
    public static func json(_ bytes: [UInt8], status: HTTPResponse.Status = .ok) -> OperationResponse {
        OperationResponse(status: status, headers: [.contentType: "application/json"], body: .bytes(bytes))
    }

    /// 204.
    public static let noContent = OperationResponse(status: .noContent)
}
