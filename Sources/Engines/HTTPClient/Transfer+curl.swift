import CCurl
import WebFetch

extension Transfer {
    private static let connectTimeoutSeconds = 10

    /// Hands the request to the thread of the transfers.
    /// - Throws: ``HTTPClientError/invalidRequest``, ``HTTPClientError/notStarted``.
    func start(_ request: ClientRequest) throws(HTTPClientError) {
        let fields = request.headers.flatMap { [$0.name, $0.value] } + [request.method, request.url]
        // An end of line in a header would begin another one.
        guard fields.allSatisfy({ $0.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F } }) else { throw .invalidRequest }
        var asked = ccurl_transfer()
        asked.headers = try Self.list(request.headers)
        asked.body_length = hasBody(request) ? Int64(request.body.count) : -1
        asked.connect_timeout = Self.connectTimeoutSeconds
        asked.idle_timeout = request.idleTimeoutSeconds
        asked.answer_timeout = request.answerTimeoutSeconds
        asked.body_timeout = request.bodyTimeoutSeconds ?? 0
        asked.events = Self.events
        // Held until the last event.
        let held = Unmanaged.passRetained(self)
        asked.context = held.toOpaque()
        let networks = request.guardedNetworks?.map(\.value) ?? []
        asked.is_guarded = request.guardedNetworks == nil ? 0 : 1
        let identifier = request.method.withCString { method in
            request.url.withCString { url in
                networks.withUnsafeBufferPointer { networks in
                    (asked.method, asked.url) = (method, url)
                    (asked.networks, asked.network_count) = (networks.baseAddress, networks.count)
                    guard let path = request.certificateAuthorities else { return ccurl_start_transfer(&asked) }
                    return path.withCString { path in
                        asked.certificate_authorities = path
                        return ccurl_start_transfer(&asked)
                    }
                }
            }
        }
        guard identifier != 0 else {
            held.release()
            throw .notStarted
        }
        setIdentifier(identifier)
    }

    /// Requests of these methods say how long their body is even when there is none.
    private func hasBody(_ request: ClientRequest) -> Bool {
        request.body.count > 0 || ["PUT", "POST", "PATCH"].contains(request.method)
    }

    /// The headers, and none with which libcurl would ask before it sends a body.
    private static func list(_ headers: [(name: String, value: String)]) throws(HTTPClientError) -> OpaquePointer? {
        var list: OpaquePointer?
        for (name, value) in headers + [("Expect", "")] {
            // libcurl's spelling of a header that is empty.
            let line = value.isEmpty && name != "Expect" ? "\(name);" : "\(name): \(value)"
            guard let longer = ccurl_add_header(list, line) else { throw .notStarted }
            list = longer
        }
        return list
    }

    static func resume(_ identifier: UInt64) { ccurl_resume_transfer(identifier) }

    static func cancel(_ identifier: UInt64) { ccurl_cancel_transfer(identifier) }

    private static let events = ccurl_transfer_events(
        on_head_line: { context, line, length in
            guard let transfer = Transfer.of(context) else { return 0 }
            let bytes = UnsafeRawBufferPointer(start: line, count: length).prefix { $0 != 0x0D && $0 != 0x0A }
            return transfer.takeHeadLine(String(decoding: bytes, as: UTF8.self)) ? 1 : 0
        },
        on_body: { context, bytes, length in
            guard let transfer = Transfer.of(context) else { return 1 }
            return transfer.takeBody(UnsafeRawBufferPointer(start: bytes, count: length)) ? 1 : 0
        },
        read_body: { context, offset, target, capacity in
            guard let transfer = Transfer.of(context) else { return -1 }
            let target = UnsafeMutableRawBufferPointer(start: target, count: capacity)
            return transfer.readBody(at: Int(offset), into: target) ?? -1
        },
        on_end: { context, code, reason in
            guard let context else { return }
            let transfer = Unmanaged<Transfer>.fromOpaque(context).takeRetainedValue()
            if code == ccurl_late { return transfer.endLate() }
            let error = HTTPClientError.failed(reason.map { String(cString: $0) } ?? "")
            transfer.end(code == 0 ? .success(()) : .failure(error))
        })

    private static func of(_ context: UnsafeMutableRawPointer?) -> Transfer? {
        context.map { Unmanaged<Transfer>.fromOpaque($0).takeUnretainedValue() }
    }
}
