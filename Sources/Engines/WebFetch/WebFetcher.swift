import CCurl
import NIOPosix

/// Fetches pages of the web whose addresses users give.
///
/// Such an address may name a machine of the network the server stands in: only the public internet is connected to, and
/// networks that the operator names. What decides is the address of the connection itself, so neither a redirect nor a
/// name that resolves differently the next time leads elsewhere (server-side request forgery).
public struct WebFetcher: Sendable {
    private let networks: [Network]

    /// Bytes of a page that are read; the rest is cut off.
    public static let maximumBytes = 2 * 1_024 * 1_024
    /// Seconds for everything: name lookup, redirects, the page.
    public static let timeoutSeconds = 10
    private static let maximumRedirects = 5
    private static let userAgent = "Sextant (tracking code check)"

    /// Threads of its own: a slow page keeps nobody else waiting. They live as long as the process.
    private static let threads: NIOThreadPool = {
        let pool = NIOThreadPool(numberOfThreads: 4)
        pool.start()
        return pool
    }()

    /// - Parameter networks: what may be reached besides the public internet.
    public init(networks: [Network] = []) {
        self.networks = networks
    }

    /// The page at an address, after up to five redirects.
    /// - Parameter url: `http://` or `https://`.
    /// - Throws: ``WebFetchError``, or `CancellationError`.
    public func page(at url: String) async throws -> WebPage {
        try await Self.threads.runIfActive { [networks] in try Self.fetch(url, networks) }
    }

    private static func fetch(_ url: String, _ networks: [Network]) throws(WebFetchError) -> WebPage {
        var page = ccurl_page()
        defer { ccurl_free_page(&page) }
        url.withCString { url in
            userAgent.withCString { userAgent in
                networks.map(\.value).withUnsafeBufferPointer { networks in
                    var fetch = ccurl_fetch()
                    fetch.url = url
                    fetch.user_agent = userAgent
                    fetch.networks = networks.baseAddress
                    fetch.network_count = networks.count
                    fetch.maximum_bytes = maximumBytes
                    fetch.maximum_redirects = maximumRedirects
                    fetch.total_timeout = timeoutSeconds
                    ccurl_fetch_page(&fetch, &page)
                }
            }
        }
        if page.code != 0 {
            if page.is_forbidden != 0 { throw .forbiddenAddress }
            throw .failed(withUnsafeBytes(of: page.error) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) })
        }
        let body = UnsafeRawBufferPointer(start: page.body, count: page.body_length)
        return WebPage(status: page.status, text: String(decoding: body, as: UTF8.self))
    }
}

/// What a web server answered.
public struct WebPage: Sendable {
    /// The HTTP status.
    public let status: Int
    /// The content, read as UTF-8.
    public let text: String
}

/// Why a page could not be fetched.
public enum WebFetchError: Error, Sendable, Equatable, CustomStringConvertible {
    /// It lies, or redirects, into a network that is not the public internet and that the operator did not allow.
    case forbiddenAddress
    /// What the network library says.
    case failed(String)

    public var description: String {
        switch self {
        case .forbiddenAddress:
            "it is not in the public internet, and the server's operator has not allowed its network"
        case .failed(let reason): reason
        }
    }
}
