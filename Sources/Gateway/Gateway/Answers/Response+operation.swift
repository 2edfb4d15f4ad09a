import HTTPTypes
import Hummingbird
import NIOCore

extension Response {
    /// The HTTP form of an operation's answer.
    /// - Parameter channel: over which it goes.
    init(_ response: OperationResponse, requestID: String, withoutBody: Bool, over channel: any Channel) {
        var headers = response.headers
        headers[Self.requestIDHeader] = requestID
        headers[.xContentTypeOptions] = "nosniff"
        let body: ResponseBody
        switch response.body {
        case .none: body = ResponseBody()
        case .bytes(let bytes), .shared(let bytes): body = Self.body(bytes, channel)
        case .stream(let length, let chunks):
            body = ResponseBody(contentLength: length) { writer in
                for try await var chunk in chunks() {
                    if chunk.readableBytes == 0, await HangUp.isOver(channel) { throw CancellationError() }
                    // Small pieces show that a slow reader goes on reading.
                    while let piece = chunk.readSlice(length: min(chunk.readableBytes, Self.streamPieceBytes)),
                        piece.readableBytes > 0
                    {
                        try await Self.write(piece, to: &writer, channel)
                    }
                }
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

    private static let streamPieceBytes = 16 * 1_024

    private static func body(_ bytes: [UInt8], _ channel: any Channel) -> ResponseBody {
        let pieceBytes = OperationResponse.pieceBytes
        guard bytes.count > pieceBytes else { return ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)) }
        return ResponseBody(contentLength: bytes.count) { writer in
            for start in stride(from: 0, to: bytes.count, by: pieceBytes) {
                let piece = bytes[start..<min(start + pieceBytes, bytes.count)]
                try await write(ByteBuffer(bytes: piece), to: &writer, channel)
            }
            try await writer.finish(nil)
        }
    }

    /// Writes a piece once the connection takes it.
    private static func write(
        _ piece: ByteBuffer, to writer: inout any ResponseBodyWriter, _ channel: any Channel
    ) async throws {
        try await writer.write(piece)
        // Only the connection's own thread finds out that it has enough, and may have others to see to: whoever does not wait for it
        // goes on writing meanwhile.
        if channel.isActive { try await channel.eventLoop.submit {}.get() }
    }

    private static let requestIDHeader = HTTPField.Name("x-request-id") ?? .via
}
