import TestSupport

@testable import HTTPClient

/// One server for all tests of this target. It answers by path; see the script.
enum HTTPService {
    private static let running = Task { try await ScriptServer.start(script: script, having: "http.server") }

    static func url(_ path: String) async throws -> String {
        "http://127.0.0.1:\(try await running.value.announcement["port"] ?? "")\(path)"
    }

    static func get(_ path: String) async throws -> ClientResponse {
        try await HTTPClient.send(ClientRequest(method: "GET", url: try await url(path)))
    }

    /// What the server notes of the answers that it began.
    static func note(_ path: String) async throws -> String {
        String(decoding: try await get("/note\(path)").body.collect(upTo: 100), as: UTF8.self)
    }

    private static let script = #"""
        import collections, http.server, json, sys, threading, time

        notes = collections.defaultdict(str)

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            def log_message(self, *arguments): pass

            def answer(self, status, body=b"", headers={}):
                self.send_response(status)
                for name, value in headers.items(): self.send_header(name, value)
                if "Content-Length" not in headers: self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                if self.command != "HEAD": self.wfile.write(body)

            def do_GET(self):
                path = self.path
                if path == "/hello":
                    self.answer(200, b"hello", {"X-One": "1", "x-one": "2"})
                elif path == "/redirect":
                    self.answer(302, b"", {"Location": "/hello"})
                elif path == "/cut":
                    self.answer(200, b"hello", {"Content-Length": "10"})
                    self.close_connection = True
                elif path == "/chunked":
                    self.send_response(200)
                    self.send_header("Transfer-Encoding", "chunked")
                    self.end_headers()
                    for piece in (b"one ", b"two"): self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
                    self.wfile.write(b"0\r\nX-Trailer: 1\r\n\r\n")
                elif path.startswith("/flood/"):
                    size = int(path.rsplit("/", 1)[1])
                    self.send_response(200)
                    self.send_header("Content-Length", str(size))
                    self.end_headers()
                    try:
                        for start in range(0, size, 65536):
                            self.wfile.write(b"x" * min(65536, size - start))
                            notes[path] = str(start + 65536)
                        notes[path] = "done"
                    except OSError:
                        notes[path] = "broken"
                elif path.startswith("/stall"):
                    self.send_response(200)
                    self.send_header("Content-Length", "10")
                    self.end_headers()
                    self.wfile.write(b"begin")
                    while self.rfile.read(1): pass
                    notes[path] = "closed"
                    self.close_connection = True
                elif path.startswith("/hang"):
                    notes[path] = "asked"
                    while self.rfile.read(1): pass
                    notes[path] = "closed"
                    self.close_connection = True
                elif path.startswith("/note/"):
                    self.answer(200, notes[path.removeprefix("/note")].encode())
                else:
                    self.answer(404)

            do_HEAD = do_GET

            def do_POST(self):
                length = self.headers["Content-Length"]
                seen = {"method": self.command, "expect": self.headers["Expect"], "length": length,
                        "type": self.headers["Content-Type"]}
                body = self.rfile.read(int(length or 0))
                self.answer(200, body, {"X-Seen": json.dumps(seen)})

            do_PUT = do_DELETE = do_POST

        http.server.ThreadingHTTPServer.request_queue_size = 256
        # Callers that hang up are what some tests are about.
        http.server.ThreadingHTTPServer.handle_error = lambda *arguments: None
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        print(json.dumps({"port": str(server.server_port)}), flush=True)
        sys.stdin.read()
        """#
}
