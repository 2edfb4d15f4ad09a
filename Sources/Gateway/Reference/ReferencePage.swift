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
        switch name {
        case "reference.css":
            ReferencePage(mediaType: "text/css; charset=utf-8", bytes: PackageResources.reference_css)
        case "reference.js":
            ReferencePage(mediaType: "text/javascript; charset=utf-8", bytes: PackageResources.reference_js)
        case "icon.svg": ReferencePage(mediaType: "image/svg+xml", bytes: PackageResources.icon_svg)
        default: nil
        }
    }
}
