import HTTPTypes
import Hummingbird
import NIOCore

extension Response {
    /// The HTTP form of an operation's answer.
    init(_ response: OperationResponse, requestID: String, withoutBody: Bool) {
        var headers = response.headers
        headers[Self.requestIDHeader] = requestID
        headers[.xContentTypeOptions] = "nosniff"
        let body: ResponseBody
        switch response.body {
        case .none: body = ResponseBody()
        case .bytes(let bytes), .shared(let bytes): body = Self.body(bytes)
        case .stream(let length, let chunks):
            body = ResponseBody(contentLength: length) { writer in
                for try await chunk in chunks() { try await writer.write(chunk) }
                try await writer.finish(nil)
            }
        }
        guard withoutBody else {
            self.init(status: response.status, headers: headers, body: body)
            return
        }
        self.init(status: response.status, headers: headers, body: ResponseBody())
        if let length = body.contentLength { self.headers[.contentLength] = "\(length)" }
    }

    private static func body(_ bytes: [UInt8]) -> ResponseBody {
        let pieceBytes = OperationResponse.pieceBytes
        guard bytes.count > pieceBytes else { return ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)) }
        return ResponseBody(contentLength: bytes.count) { writer in
            for start in stride(from: 0, to: bytes.count, by: pieceBytes) {
                let piece = bytes[start..<min(start + pieceBytes, bytes.count)]
                try await writer.write(ByteBuffer(bytes: piece))
            }
            try await writer.finish(nil)
        }
    }

    private static let requestIDHeader = HTTPField.Name("x-request-id") ?? .via
}
