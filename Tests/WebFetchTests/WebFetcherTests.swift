import TestSupport
import Testing

@testable import WebFetch

/// Against a real web server.
@Suite struct WebFetcherTests {
    private let local: [Network]

    init() throws {
        local = [try #require(Network("127.0.0.1"))]
    }

    private func serve() async throws -> (server: ScriptServer, base: String) {
        let server = try await ScriptServer.start(script: webServer, having: "http.server")
        return (server, "http://127.0.0.1:\(server.announcement["port"] ?? "")")
    }

    @Test func pagesComeWithTheirStatusAndAreCutAtTheLimit() async throws {
        let (server, base) = try await serve()
        defer { server.stop() }
        let fetcher = WebFetcher(networks: local)
        let page = try await fetcher.page(at: "\(base)/hello")
        #expect(page.status == 200 && page.text == "path /hello")
        #expect(try await fetcher.page(at: "\(base)/missing").status == 404)
        #expect(try await fetcher.page(at: "\(base)/redirect?/hello").text == "path /hello")
        #expect(try await fetcher.page(at: "\(base)/long").text.utf8.count == WebFetcher.maximumBytes)
    }

    @Test func onlyPublicAddressesAreConnectedTo() async throws {
        let (server, base) = try await serve()
        defer { server.stop() }
        await #expect(throws: WebFetchError.forbiddenAddress) { try await WebFetcher().page(at: "\(base)/hello") }
        let port = base.split(separator: ":").last ?? ""
        for address in ["localhost:\(port)", "[::1]:\(port)", "0x7f000001:\(port)", "169.254.169.254"] {
            await #expect(throws: WebFetchError.forbiddenAddress) {
                try await WebFetcher().page(at: "http://\(address)/")
            }
        }
        // The first page may be fetched, what it redirects to may not.
        await #expect(throws: WebFetchError.forbiddenAddress) {
            try await WebFetcher(networks: local).page(at: "\(base)/redirect?http://127.0.0.2:\(port)/hello")
        }
    }

    @Test(arguments: ["file:///etc/passwd", "gopher://127.0.0.1/", "no address", "http://", "ftp://example.com/"])
    func otherAddressesAreRefused(_ url: String) async {
        await #expect(throws: WebFetchError.self) { try await WebFetcher(networks: local).page(at: url) }
    }

    @Test func endlessRedirectsAndForeignProtocolsEnd() async throws {
        let (server, base) = try await serve()
        defer { server.stop() }
        let fetcher = WebFetcher(networks: local)
        for path in ["loop", "redirect?file:///etc/passwd"] {
            await #expect(throws: WebFetchError.self) { try await fetcher.page(at: "\(base)/\(path)") }
        }
    }
}

let webServer = """
    import http.server, json, sys, threading

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            path, _, query = self.path.partition("?")
            if path in ("/redirect", "/loop"):
                self.send_response(302)
                self.send_header("Location", query or "/loop")
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            body = b"x" * 3_000_000 if path == "/long" else f"path {path}".encode()
            self.send_response(404 if path == "/missing" else 200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            try:
                self.wfile.write(body)
            except BrokenPipeError:
                pass

        def log_message(self, *arguments):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(json.dumps({"port": str(server.server_address[1])}), flush=True)
    sys.stdin.read()
    """
