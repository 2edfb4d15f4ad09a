import JSON

/// A running Chromium.
public struct Browser: Sendable {
    let tools: DevTools

    /// Pixels that a page is as wide as, and at least as high as.
    public static let (width, height) = (1_280, 800)
    /// Pixels that a picture is at most as high as.
    public static let maximumHeight = 6_000
    /// For everything about one page.
    public static let timeoutSeconds = 30

    /// Returns once it has answered a question: it has started.
    /// - Throws: ``BrowserError``.
    public func checkAnswers() async throws {
        _ = try await tools.call("Browser.getVersion")
    }

    /// A PNG of the whole page, from its top.
    /// - Parameter maximumBytes: a picture that is larger shows the first ``height`` pixels only.
    /// - Throws: ``BrowserError``.
    public func picture(of visit: PageVisit, maximumBytes: Int) async throws -> [UInt8] {
        let page = try await tools.call("Target.createTarget", ["url": "about:blank"])
        guard let target = page["targetId"]?.string else { throw BrowserError.refused("no page was made") }
        let attached = try await tools.call("Target.attachToTarget", ["targetId": .string(target), "flatten": true])
        guard let session = attached["sessionId"]?.string else { throw BrowserError.refused("no session was made") }
        let opened = OpenPage(tools: tools, session: session)
        do {
            let picture = try await within(seconds: Self.timeoutSeconds, of: visit) {
                try await opened.picture(of: visit, maximumBytes: maximumBytes)
            }
            await close(target)
            return picture
        } catch {
            await close(target)
            throw error
        }
    }

    private func close(_ target: String) async {
        _ = try? await tools.call("Target.closeTarget", ["targetId": .string(target)])
    }

    private func within<Result: Sendable>(
        seconds: Int, of visit: PageVisit, _ body: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        try await withThrowingTaskGroup(of: Result.self) { group in
            group.addTask(operation: body)
            group.addTask {
                try await Task.sleep(for: .seconds(seconds))
                throw BrowserError.tooSlow(url: visit.url, seconds: seconds)
            }
            defer { group.cancelAll() }
            guard let result = try await group.next() else { throw CancellationError() }
            return result
        }
    }
}
