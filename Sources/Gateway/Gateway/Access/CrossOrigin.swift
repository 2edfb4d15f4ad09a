import HTTPTypes

/// What browsers are told about calls from pages of other sites. Credentials are for ``OwnPages`` only.
enum CrossOrigin {
    /// Seconds for which a browser need not ask again; Chromium takes two hours at most, Firefox a day.
    private static let preflightSeconds = 7_200
    /// What a page may read of an answer's fields, besides those that every page may.
    private static let exposedFields = "ETag, Location, Retry-After, Sextant-Unknown-Fields, X-Request-Id"
    /// What a page may send where its browser does not ask for anything in particular.
    private static let usualFields =
        "Authorization, Content-Type, Content-Encoding, Idempotency-Key, If-None-Match, convert-debug-token"
    private static let maximumFieldBytes = 2_048

    /// Marks an answer as one that depends on who asks, and as one that the page at `origin` may read.
    /// - Parameter own: pages that people log in from; nil where nobody does.
    static func mark(
        _ response: inout OperationResponse, for origin: String?, allowed: AllowedOrigins, own: OwnPages? = nil
    ) {
        response.headers.vary(by: "Origin")
        guard let origin, let allowedOrigin = value(for: origin, allowed, own) else { return }
        response.headers[.accessControlAllowOrigin] = allowedOrigin
        if own?.contains(origin) ?? false { response.headers[.accessControlAllowCredentials] = "true" }
        response.headers[.accessControlExposeHeaders] = exposedFields
    }

    /// Answers the question whether a page may send a request.
    /// - Parameters:
    ///   - methods: of the address.
    ///   - isLasting: whether the browser may remember the answer.
    ///   - own: pages that people log in from; nil where nobody does.
    static func preflight(
        _ request: HTTPFields, methods: String, allowed: AllowedOrigins, isLasting: Bool, own: OwnPages? = nil
    ) -> OperationResponse {
        var response = OperationResponse(status: .noContent, headers: [.allow: methods])
        response.headers.vary(
            by:
                "Origin, Access-Control-Request-Method, Access-Control-Request-Headers, Access-Control-Request-Private-Network"
        )
        guard let origin = request[.origin], let allowedOrigin = value(for: origin, allowed, own) else {
            return response
        }
        response.headers[.accessControlAllowOrigin] = allowedOrigin
        if own?.contains(origin) ?? false { response.headers[.accessControlAllowCredentials] = "true" }
        response.headers[.accessControlAllowMethods] = methods
        // Whatever it is: fields of a request open nothing here, and scripts on the page add their own.
        let fields = request[.accessControlRequestHeaders].flatMap { $0.utf8.count <= maximumFieldBytes ? $0 : nil }
        response.headers[.accessControlAllowHeaders] = fields ?? usualFields
        if isLasting { response.headers[.accessControlMaxAge] = "\(preflightSeconds)" }
        // The calls that are open to pages are meant to be called from the internet's pages, wherever the server stands.
        if let asked = privateNetworkRequest.flatMap({ request[$0] }), asked == "true", let privateNetworkAnswer {
            response.headers[privateNetworkAnswer] = "true"
        }
        return response
    }

    private static func value(for origin: String, _ allowed: AllowedOrigins, _ own: OwnPages?) -> String? {
        if own?.contains(origin) ?? false { return origin }
        if case .any = allowed { return "*" }
        return allowed.contains(origin) ? origin : nil
    }

    private static let privateNetworkRequest = HTTPField.Name("Access-Control-Request-Private-Network")
    private static let privateNetworkAnswer = HTTPField.Name("Access-Control-Allow-Private-Network")
}

extension HTTPFields {
    /// Adds to the fields of a request that the answer depends on.
    fileprivate mutating func vary(by fields: String) {
        self[.vary] = self[.vary].map { "\($0), \(fields)" } ?? fields
    }
}
