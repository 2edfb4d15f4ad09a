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
        case .bytes(let bytes): body = ResponseBody(byteBuffer: ByteBuffer(bytes: bytes))
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

    private static let requestIDHeader = HTTPField.Name("x-request-id") ?? .via
}
