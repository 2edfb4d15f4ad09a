import NIOCore

/// Sends requests to other servers over HTTP/1.1, through libcurl.
///
/// All transfers share one thread, which waits for the network for them, and keep their connections for those that follow.
/// Certificates are checked against the system's. Redirects are not followed, nor is a proxy of the environment used.
public enum HTTPClient {
    /// The answer to a request, as soon as its head is here; its body is read from there.
    /// - Throws: ``HTTPClientError``, what reading the request's body threw, or `CancellationError`.
    public static func send(_ request: ClientRequest) async throws -> ClientResponse {
        try Task.checkCancellation()
        let transfer = Transfer(request)
        // Ends the transfer when nobody holds it any more.
        let reader = TransferReader(transfer)
        try transfer.start(request)
        let head = try await withTaskCancellationHandler {
            try await transfer.head()
        } onCancel: {
            transfer.stop(CancellationError())
        }
        return ClientResponse(
            status: head.status, headers: head.headers, body: ClientResponse.Body(reader: reader))
    }
}

/// Reads a transfer's answer, and ends the transfer when it goes.
final class TransferReader: Sendable {
    private let transfer: Transfer

    init(_ transfer: Transfer) {
        self.transfer = transfer
    }

    deinit { transfer.stop(CancellationError()) }

    func next() async throws -> ByteBuffer? {
        try await withTaskCancellationHandler {
            try await transfer.nextChunk()
        } onCancel: {
            transfer.stop(CancellationError())
        }
    }
}
