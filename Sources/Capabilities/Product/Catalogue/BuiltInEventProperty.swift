import EventStore

/// The properties that every event may have without a client naming them: columns of the event table.
enum BuiltInEventProperty {
    struct Definition {
        /// Negative; clients keep it, so it never changes.
        let id: Int64
        let key: String
        let displayName: String
        let description: String
        let dataType: PropertyType
    }

    /// In the order of the lookup: -1, -2 and so on.
    static let all: [Definition] = [
        .init(id: -1, key: "hostname", displayName: "Hostname", description: "Host of the page", dataType: .string),
        .init(id: -2, key: "url", displayName: "URL", description: "Address of the page", dataType: .string),
        .init(id: -3, key: "pathname", displayName: "Pathname", description: "Path of the page", dataType: .string),
        .init(id: -4, key: "referrer", displayName: "Referrer", description: "Page before", dataType: .string),
        .init(id: -5, key: "browser", displayName: "Browser", description: "Name of the browser", dataType: .string),
        .init(
            id: -6, key: "browser_language", displayName: "Browser Language",
            description: "Language the browser asks for", dataType: .string),
        .init(
            id: -7, key: "operating_system", displayName: "Operating System",
            description: "Name of the operating system", dataType: .string),
        .init(
            id: -8, key: "device_type", displayName: "Device Type", description: "Desktop, tablet or mobile",
            dataType: .string),
        .init(
            id: -9, key: "screen_width", displayName: "Screen Width", description: "In pixels", dataType: .number),
        .init(
            id: -10, key: "screen_height", displayName: "Screen Height", description: "In pixels", dataType: .number),
        .init(
            id: -11, key: "country_code", displayName: "Country Code", description: "ISO 3166-1, two letters",
            dataType: .string),
        .init(
            id: -12, key: "user_agent", displayName: "User Agent", description: "As the client named itself",
            dataType: .string),
    ]
}
