import Text

/// Tells clients that are no visitors by what they call themselves.
public enum BotFilter {
    /// How SDKs that track for their visitors call themselves.
    private static let agent = "convertagent"
    /// Words that crawlers and monitors have in their names, and browsers have not.
    private static let words = [
        "bot", "crawl", "spider", "slurp", "headless", "phantomjs", "lighthouse", "pingdom", "uptime",
        "facebookexternalhit", "scrapy", "archiver",
    ]

    /// - Parameter userAgent: the header of the request; empty when there is none.
    public static func isBot(_ userAgent: String) -> Bool {
        // A maker of telephones has the word in its name.
        let name = userAgent.lowercased().replacing("cubot", with: "")
        return !name.containsBytes(of: agent) && words.contains { name.containsBytes(of: $0) }
    }
}
