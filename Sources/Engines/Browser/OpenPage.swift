import Foundation
import JSON

/// One page of a running Chromium.
struct OpenPage: Sendable {
    let tools: DevTools
    let session: String

    func picture(of visit: PageVisit, maximumBytes: Int) async throws -> [UInt8] {
        try await call(
            "Emulation.setDeviceMetricsOverride",
            [
                "width": .integer(Int64(Browser.width)), "height": .integer(Int64(Browser.height)),
                "deviceScaleFactor": 1, "mobile": false,
            ])
        // Only then do scripts come into new documents.
        try await call("Page.enable", [:])
        // The page's own rules about code are not for ours.
        try await call("Page.setBypassCSP", ["enabled": true])
        try await call("Page.addScriptToEvaluateOnNewDocument", ["source": .string(Self.script(visit))])
        let url = try await address(visit)
        let answer = try await call("Page.navigate", ["url": .string(url)])
        if let reason = answer["errorText"]?.string { throw BrowserError.unreachable(url: url, reason: reason) }
        try await settle()
        let whole = try await capture(height: contentHeight())
        return whole.count <= maximumBytes ? whole : try await capture(height: Browser.height)
    }

    @discardableResult
    private func call(_ method: String, _ parameters: JSONValue) async throws -> JSONValue {
        try await tools.call(method, parameters, session: session)
    }

    private func evaluate(_ expression: String) async throws -> JSONValue {
        let answer = try await call(
            "Runtime.evaluate",
            ["expression": .string(expression), "awaitPromise": true, "returnByValue": true, "timeout": 5_000])
        if let exception = answer["exceptionDetails"] {
            throw BrowserError.refused(exception["exception"]?["description"]?.string ?? "the expression failed")
        }
        return answer["result"]?["value"] ?? .null
    }

    /// Where to go: only the web, whatever a pattern makes of the address.
    private func address(_ visit: PageVisit) async throws -> String {
        var url = visit.url
        if let redirect = visit.redirect {
            let flags = redirect.isCaseSensitive ? "" : "i"
            let expression =
                "\(Self.literal(url)).replace("
                + "new RegExp(\(Self.literal(redirect.pattern)), '\(flags)'), \(Self.literal(redirect.replacement)))"
            url = try await evaluate(expression).string ?? url
        }
        let scheme = url.prefix { $0 != ":" }.lowercased()
        guard scheme == "http" || scheme == "https" else {
            throw BrowserError.unreachable(url: url, reason: "only http:// and https:// are opened")
        }
        guard let query = visit.query else { return url }
        let parts = url.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
        let separator = parts[0].contains("?") ? "&" : "?"
        return "\(parts[0])\(separator)\(query)" + (parts.count > 1 ? "#\(parts[1])" : "")
    }

    /// Waits until the page, or the last of those it leads on to, is there and has been painted.
    private func settle() async throws {
        while try await evaluateAnyway("document.readyState") != .string("complete") {
            try await Task.sleep(for: .milliseconds(100))
        }
        let painted = """
            document.fonts.ready.then(() => new Promise(done => setTimeout(() =>
                requestAnimationFrame(() => requestAnimationFrame(() => done(true))), 500)))
            """
        while try await evaluateAnyway(painted) != true { try await Task.sleep(for: .milliseconds(100)) }
    }

    /// Null while the page is being left for another.
    private func evaluateAnyway(_ expression: String) async throws -> JSONValue {
        do {
            return try await evaluate(expression)
        } catch BrowserError.refused {
            return .null
        }
    }

    private func contentHeight() async throws -> Int {
        let metrics = try await call("Page.getLayoutMetrics", [:])
        let height = metrics["cssContentSize"]?["height"]?.double ?? 0
        return Int(min(max(height, Double(Browser.height)), Double(Browser.maximumHeight)))
    }

    private func capture(height: Int) async throws -> [UInt8] {
        let answer = try await call(
            "Page.captureScreenshot",
            [
                "format": "png", "captureBeyondViewport": true,
                "clip": [
                    "x": 0, "y": 0, "width": .integer(Int64(Browser.width)), "height": .integer(Int64(height)),
                    "scale": 1,
                ],
            ])
        guard let data = answer["data"]?.string.flatMap({ Data(base64Encoded: $0) }) else {
            throw BrowserError.refused("no picture was taken")
        }
        return Array(data)
    }

    /// Runs in every document before its own scripts: nothing waits for an answer, and the visit's code comes in.
    private static func script(_ visit: PageVisit) -> String {
        """
        (() => {
            for (const name of ["alert", "confirm", "prompt", "print"]) window[name] = () => null;
            if (window !== window.top) return;
            document.addEventListener("DOMContentLoaded", () => {
                // A page that bears the tracking code shows the variation itself.
                if (window.convert) return;
                for (const css of \(literal(visit.css))) {
                    const style = document.createElement("style");
                    style.textContent = css;
                    document.head.append(style);
                }
                for (const code of \(literal(visit.javaScript))) {
                    try { new Function(code)(); } catch (error) { console.error(error); }
                }
            });
        })();
        """
    }

    /// As JavaScript reads it: JSON is JavaScript.
    private static func literal(_ text: String) -> String { JSONValue.string(text).encodedString }

    private static func literal(_ texts: [String]) -> String {
        JSONValue.array(texts.map(JSONValue.string)).encodedString
    }
}
