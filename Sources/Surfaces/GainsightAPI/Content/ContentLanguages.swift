import Content
import JSON

/// The languages that content comes in.
struct ContentLanguages {
    private let languages: [(code: String, isTranslated: Bool)]

    fileprivate init(_ details: JSONValue) {
        languages = (details["languages"]?.array ?? []).compactMap { language in
            language["code"]?.string.map { ($0, language["translated"]?.bool ?? false) }
        }
    }

    /// Contract schema `LanguageStatus`.
    var json: JSONValue {
        .array(languages.map { ["languageCode": .string($0.code), "translated": .bool($0.isTranslated)] })
    }

    var translationState: String {
        if languages.isEmpty { return "NOT_TRANSLATED" }
        return languages.allSatisfy(\.isTranslated) ? "TRANSLATED" : "PARTIALLY_TRANSLATED"
    }
}

extension Content {
    var languages: ContentLanguages { ContentLanguages(details) }
}
