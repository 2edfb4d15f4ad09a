import Contract
import Foundation
import JSON
import Text

/// Texts for examples, by their format, their pattern and their name.
enum ExampleText {
    /// A moment that all examples share.
    static let moment = "2026-01-15T09:30:00Z"

    static func text(_ name: String, _ sum: SchemaSum) -> String {
        if let format = sum.text("format"), let text = formats[format] { return fit(text, sum) }
        if let pattern = sum.text("pattern") {
            let chosen = patterned.first { matches($0, pattern) && fits($0, sum) }
            if let chosen { return chosen }
        }
        return fit(byName(name.lowercased()), sum)
    }

    private static let formats: [String: String] = [
        "date": "2026-01-15", "date-time": moment, "email": "ann@example.com", "uri": "https://shop.example/cart",
        "uuid": "86f4dd75-00c8-40cd-ac6a-3dce8440be0c", "ip-address": "203.0.113.7", "ipv4": "203.0.113.7",
        "ipv6": "2001:db8::7", "json": "{}", "binary": "events.csv",
    ]

    /// One of these matches each pattern of the contracts that has no example.
    private static let patterned = [
        "a1", "example", "shop.example", "https://shop.example", "NX-51f4acf7",
        "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD",
        "10:30", "DE", "chrome", "android", "new", "1", "10", "1.5", "en", "en-US", "10042", "2026-01-15", "#1c2733",
    ]

    private static func matches(_ text: String, _ pattern: String) -> Bool {
        guard let expression = try? NSRegularExpression(pattern: pattern) else { return false }
        return expression.firstMatch(in: text, range: NSRange(location: 0, length: text.utf16.count)) != nil
    }

    /// The first of these words that a name has, or ends with.
    private static let words: [(String, String)] = [
        ("countryname", "Germany"), ("countrycode", "DE"), ("statename", "Berlin"), ("statecode", "BE"),
        ("regionname", "Berlin"), ("city", "Berlin"), ("street", "Main Street 1"), ("postalcode", "10115"),
        ("continent", "Europe"), ("industry", "Software"), ("plan", "pro"), ("gender", "FEMALE"), ("role", "editor"),
        ("selector", "#buy"), ("event", "click"), ("event_type", "track"), ("experienceid", "10021"),
        ("variationid", "10033"), ("goalid", "10054"), ("projectid", "10007"), ("customer_id", "user_0001"),
        ("email", "ann@example.com"), ("callback", "https://example.com/hook"), ("url", "https://shop.example/cart"),
        ("website", "https://shop.example"), ("hostname", "shop.example"), ("domain", "shop.example"),
        ("pathname", "/cart"), ("path", "/cart"), ("referrer", "https://search.example"), ("ip", "203.0.113.7"),
        ("user_agent", "Mozilla/5.0"), ("useragent", "Mozilla/5.0"), ("browser_language", "en"), ("language", "en"),
        ("browser", "Chrome"), ("operating_system", "Linux"), ("device", "desktop"), ("country", "DE"),
        ("timezone", "Europe/Berlin"), ("time_zone", "Europe/Berlin"), ("currency", "EUR"), ("color", "#1c2733"),
        ("password", "correct horse battery staple"), ("secret", "6b1f0c"), ("token", "d41d8cd9"),
        ("session", "1"), ("firstname", "Ann"), ("first_name", "Ann"), ("lastname", "Doe"), ("last_name", "Doe"),
        ("phone", "+49 30 901820"), ("company_name", "Example Ltd"), ("event_name", "order_paid"),
        ("eventname", "order_paid"), ("user_id", "user_0001"), ("userid", "user_0001"), ("identifyid", "user_0001"),
        ("visitor", "visitor_0001"), ("company_id", "company_7"), ("accountid", "account_7"),
        ("scrollid", "eyJwYWdlIjoxfQ"), ("cursor", "eyJwYWdlIjoxfQ"), ("filename", "2026-01-12.json.gz"),
        ("file", "events.csv"), ("sql", "SELECT count(*) FROM events"), ("query", "SELECT count(*) FROM events"),
        ("css", ".price { color: green }"), ("js", "console.log('seen')"), ("html", "<b>Sale</b>"),
        ("code", "4711"), ("hash", "9f86d081"), ("version", "1.0"), ("description", "What it is about"),
        ("message", "Done"), ("comment", "Looks good"), ("note", "Looks good"), ("title", "Checkout"),
        ("created_at", moment), ("updated_at", moment), ("_at", moment), ("date", "2026-01-15"), ("time", moment),
        ("key", "checkout"), ("name", "Checkout"), ("id", "10042"),
    ]

    private static func byName(_ name: String) -> String {
        words.first { name.hasSameBytes(as: $0.0) }?.1 ?? words.first { name.hasByteSuffix($0.0) }?.1
            ?? words.first { $0.0.utf8.count > 3 && name.containsBytes(of: $0.0) }?.1 ?? "example"
    }

    private static func fits(_ text: String, _ sum: SchemaSum) -> Bool {
        let count = Double(text.unicodeScalars.count)
        return count >= sum.least("minLength") ?? 0 && count <= sum.most("maxLength") ?? .infinity
    }

    /// As long as it must be.
    private static func fit(_ text: String, _ sum: SchemaSum) -> String {
        if fits(text, sum) { return text }
        let most = sum.most("maxLength").map { Int(max(0, min($0, 1_000))) } ?? 1_000
        let least = sum.least("minLength").map { Int(max(0, min($0, 1_000))) } ?? 0
        let short = String(text.prefix(most))
        let missing = max(0, least - short.utf8.count)
        return short + String(repeating: "x", count: missing)
    }

    /// A member of a map that has no names of its own.
    static func key(of name: String) -> String {
        let name = name.lowercased()
        if name.containsBytes(of: "attribute") || name.containsBytes(of: "metadata") { return "plan" }
        return "example"
    }

    /// What an object holds about which nothing is said.
    static func metadata(_ name: String) -> JSONObject {
        let name = name.lowercased()
        let isKnown = ["metadata", "attribut", "propert"].contains { name.containsBytes(of: $0) }
        return isKnown ? JSONObject([("plan", "pro"), ("seats", 12)]) : JSONObject()
    }

    /// `users` becomes `user`.
    static func singular(_ name: String) -> String { name.hasByteSuffix("s") ? String(name.dropLast()) : name }
}
