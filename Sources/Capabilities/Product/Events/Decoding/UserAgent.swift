import Text

/// What a user agent string tells about the browser, its operating system and the kind of device.
///
/// Browsers imitate each other, so the order of the tests matters: the most particular token is looked for first.
package struct UserAgent {
    package let browser: String?
    package let operatingSystem: String?
    package let deviceType: String?

    private static let browsers: [(token: String, name: String)] = [
        ("Edg/", "Edge"), ("EdgA/", "Edge"), ("EdgiOS/", "Edge"), ("Edge/", "Edge"), ("OPR/", "Opera"),
        ("Opera", "Opera"),
        ("SamsungBrowser/", "Samsung Internet"), ("Vivaldi/", "Vivaldi"), ("YaBrowser/", "Yandex"),
        ("FxiOS/", "Firefox"), ("Firefox/", "Firefox"), ("CriOS/", "Chrome"), ("Chrome/", "Chrome"),
        ("Safari/", "Safari"), ("MSIE ", "Internet Explorer"), ("Trident/", "Internet Explorer"),
    ]

    private static let systems: [(token: String, name: String)] = [
        ("Windows Phone", "Windows Phone"), ("Windows", "Windows"), ("iPhone", "iOS"), ("iPad", "iOS"), ("iPod", "iOS"),
        ("Mac OS X", "macOS"), ("Android", "Android"), ("CrOS", "Chrome OS"), ("Linux", "Linux"),
    ]

    package init(_ text: String) {
        browser = Self.browsers.first { text.containsBytes(of: $0.token) }?.name
        operatingSystem = Self.systems.first { text.containsBytes(of: $0.token) }?.name
        if text.containsBytes(of: "iPad") || text.containsBytes(of: "Tablet")
            || (text.containsBytes(of: "Android") && !text.containsBytes(of: "Mobile"))
        {
            deviceType = "tablet"
        } else if text.containsBytes(of: "Mobi") || text.containsBytes(of: "iPhone") || text.containsBytes(of: "iPod") {
            deviceType = "mobile"
        } else {
            deviceType = operatingSystem == nil ? nil : "desktop"
        }
    }
}
