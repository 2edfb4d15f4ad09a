import Foundation

/// A page of the reference, or what pages load.
public struct ReferencePage: Sendable {
    /// Such as `text/html; charset=utf-8`.
    public let mediaType: String
    /// The content.
    public let bytes: [UInt8]

    static func html(_ html: HTML) -> ReferencePage {
        ReferencePage(mediaType: "text/html; charset=utf-8", bytes: Array(html.text.utf8))
    }

    static func json(_ bytes: [UInt8]) -> ReferencePage {
        ReferencePage(mediaType: "application/json", bytes: bytes)
    }

    /// What the pages load: style, script, icon.
    static func asset(_ name: String) -> ReferencePage? {
        let types = [
            "reference.css": "text/css; charset=utf-8", "reference.js": "text/javascript; charset=utf-8",
            "icon.svg": "image/svg+xml",
        ]
        guard let type = types[name],
            let url = Bundle.module.url(forResource: "Assets/\(name)", withExtension: nil),
            let data = try? Data(contentsOf: url)
        else { return nil }
        return ReferencePage(mediaType: type, bytes: [UInt8](data))
    }
}
