import Text

/// What clients send for the codes of segments: the codes themselves, and words that people use for them.
enum SegmentWords {
    /// The code of a browser; one that has none is `OTH`. Nil for what names none.
    static func browser(_ text: String) -> String? {
        let word = word(text)
        return word.isEmpty ? nil : browsers[ClientText(word)] ?? "OTH"
    }

    /// The codes of a kind of device, the wider one first; nil for a word that is none.
    static func devices(_ text: String) -> [String]? {
        let code = text.uppercased()
        // IPAD the code is one thing, iPad the word is a tablet, too.
        if deviceCodes.contains(where: { $0.hasSameBytes(as: text) }) { return [text] }
        if let codes = deviceWords[ClientText(word(text))] { return codes }
        return deviceCodes.contains { $0.hasSameBytes(as: code) } ? [code] : nil
    }

    /// The code of a source of traffic; nil for a word that is none.
    static func source(_ text: String) -> String? { sources[ClientText(word(text))] }

    /// `new` or `returning`; nil for any other word.
    static func visitorType(_ text: String) -> String? {
        // Pixels say 1 for new, and 0.
        if text == "1" || text == "0" { return text == "1" ? "new" : "returning" }
        return visitorTypes[ClientText(word(text))]
    }

    static let deviceCodes = ["ALLPH", "IPH", "OTHPH", "ALLTAB", "IPAD", "OTHTAB", "DESK", "OTHDEV"]
    static let sourceCodes = ["campaign", "search", "referral", "direct", "ai_tool"]

    /// Letters in lower case: `Chrome 120` and `google-chrome` are words of browsers, too.
    private static func word(_ text: String) -> String {
        var word = String.UnicodeScalarView()
        for scalar in text.lowercased().unicodeScalars where scalar.properties.isAlphabetic { word.append(scalar) }
        return String(word)
    }

    private static let browsers = table([
        "CH": ["ch", "chrome", "googlechrome", "chromium", "chromemobile", "mobilechrome", "headlesschrome", "crios"],
        "FF": ["ff", "firefox", "mozillafirefox", "firefoxmobile", "mobilefirefox", "fxios"],
        "SF": ["sf", "safari", "mobilesafari", "safarimobile", "applesafari"],
        "EDG": ["edg", "edge", "microsoftedge", "msedge", "edgios", "edga"],
        "IE": ["ie", "internetexplorer", "microsoftie", "microsoftinternetexplorer", "msie"],
        "OP": ["op", "opera", "operamini", "operamobile", "opr"],
        "MO": ["mo", "mozilla"],
        "NS": ["ns", "netscape"],
    ])

    private static let sources = table([
        "search": ["search", "organic", "organicsearch", "seo"],
        "direct": ["direct", "none"],
        "referral": ["referral", "referrer", "referring"],
        "campaign": [
            "campaign", "utm", "paid", "paidsearch", "cpc", "ppc", "email", "newsletter", "display", "affiliate",
        ],
        "ai_tool": ["aitool", "ai", "llm", "chatgpt"],
    ])

    private static let visitorTypes = table([
        "new": ["new", "newvisitor", "newuser"],
        "returning": ["returning", "returningvisitor", "returninguser", "return", "repeat"],
    ])

    private static let deviceWords: [ClientText: [String]] = {
        var words: [ClientText: [String]] = [:]
        for (codes, names) in [
            (["ALLPH"], ["mobile", "phone", "smartphone", "mobilephone", "cellphone", "allphones"]),
            (["ALLPH", "IPH"], ["iphone"]),
            (["ALLPH", "OTHPH"], ["android", "androidphone", "otherphone", "otherphones"]),
            (["ALLTAB"], ["tablet", "alltablets"]),
            (["ALLTAB", "IPAD"], ["ipad"]),
            (["ALLTAB", "OTHTAB"], ["androidtablet", "othertablet", "othertablets"]),
            (["DESK"], ["desktop", "computer", "pc", "laptop", "notebook", "mac", "windows", "linux"]),
            (["OTHDEV"], ["other", "otherdevice", "tv", "smarttv", "console", "wearable", "watch"]),
        ] {
            for name in names { words[ClientText(name)] = codes }
        }
        return words
    }()

    private static func table(_ words: KeyValuePairs<String, [String]>) -> [ClientText: String] {
        var codes: [ClientText: String] = [:]
        for (code, names) in words {
            for name in names { codes[ClientText(name)] = code }
        }
        return codes
    }
}
