import EventStore
import Events
import JSON

extension EventDecoder {
    /// Where the event happened: page, screen, browser. What the client leaves out is derived from the address and the
    /// user agent, as the vendor does for imported rows.
    func setDevice(_ members: borrowing EventMembers, in builder: inout EventBatchBuilder) throws(EventRejection) {
        try setPage(members, in: &builder)
        builder.setScreen(
            width: try Self.screenSize(members[.screenWidth], "screen_width"),
            height: try Self.screenSize(members[.screenHeight], "screen_height"))
        try EventText.copyOptional(members[.referrer], "referrer", to: .referrer, in: &builder, maximum: 2_048)
        try EventText.copyOptional(members[.session], "session", to: .session, in: &builder, maximum: 255)
        try EventText.copyOptional(members[.countryCode], "country_code", to: .countryCode, in: &builder, maximum: 8)
        try EventText.copyOptional(
            members[.browserLanguage], "browser_language", to: .browserLanguage, in: &builder, maximum: 64)
        try setUserAgent(members, in: &builder)
    }

    private func setPage(_ members: borrowing EventMembers, in builder: inout EventBatchBuilder) throws(EventRejection)
    {
        // As long as they can be in an address: what was taken as such comes back in an exported row.
        try EventText.copyOptional(members[.hostname], "hostname", to: .hostname, in: &builder, maximum: 4_096)
        try EventText.copyOptional(members[.pathname], "pathname", to: .pathname, in: &builder, maximum: 4_096)
        guard let node = members[.url] else { return }
        let address = try Self.boundedText(node, "url", maximum: 4_096)
        guard !address.isEmpty else { return }
        guard let page = PageAddress(address) else {
            throw EventRejection(
                .unknownValue, field: "url", "url must be an absolute address such as https://example.com/path.")
        }
        builder.set(.hostname, to: page.hostname)
        builder.set(.pathname, to: page.pathname)
    }

    private func setUserAgent(_ members: borrowing EventMembers, in builder: inout EventBatchBuilder)
        throws(EventRejection)
    {
        try EventText.copyOptional(members[.userAgent], "user_agent", to: .userAgent, in: &builder, maximum: 1_024)
        let derived = members[.userAgent]?.string.map(UserAgent.init)
        if let derived {
            if let browser = derived.browser { builder.set(.browser, to: browser) }
            if let system = derived.operatingSystem { builder.set(.operatingSystem, to: system) }
            if let device = derived.deviceType { builder.set(.deviceType, to: device) }
        }
        // What the row says itself wins, but for the operating system, which the vendor derives whenever it can.
        try EventText.copyOptional(members[.browser], "browser", to: .browser, in: &builder, maximum: 255)
        try EventText.copyOptional(members[.deviceType], "device_type", to: .deviceType, in: &builder, maximum: 255)
        if derived?.operatingSystem == nil {
            try EventText.copyOptional(
                members[.operatingSystem], "operating_system", to: .operatingSystem, in: &builder, maximum: 255)
        }
    }

    private static func boundedText(
        _ node: JSONNode, _ field: StaticString, maximum: Int
    ) throws(EventRejection) -> String {
        guard let text = node.string else {
            throw EventRejection(.wrongType, field: "\(field)", "\(field) must be a string, got \(node.kind.phrase).")
        }
        guard text.utf8.count <= maximum else {
            throw EventRejection(.tooLong, field: "\(field)", "\(field) may be at most \(maximum) bytes long.")
        }
        return text
    }
}
