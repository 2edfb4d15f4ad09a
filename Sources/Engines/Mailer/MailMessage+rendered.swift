import Time

extension MailMessage {
    /// The message as it is sent: RFC 5322 with MIME, ASCII only, CRLF line ends.
    public func rendered() -> [UInt8] {
        var head = [
            "Date: \(date.mailDate)",
            "From: \(HeaderText.mailbox(from))",
            "To: \(to.map(\.text).joined(separator: ",\r\n "))",
            "Subject: \(HeaderText.unstructured(subject, after: "Subject:"))",
            "Message-ID: <\(messageID)>",
            "MIME-Version: 1.0",
            // So that holiday replies are not sent back (RFC 3834).
            "Auto-Submitted: auto-generated",
        ]
        guard let htmlBody else {
            head.append(contentsOf: Self.part(textBody, type: "text/plain"))
            let text = head.joined(separator: "\r\n")
            return Array((text.utf8.last == UInt8(ascii: "\n") ? text : text + "\r\n").utf8)
        }
        head.append("Content-Type: multipart/alternative; boundary=\"\(Self.boundary)\"")
        let text = Self.part(textBody, type: "text/plain").joined(separator: "\r\n")
        let html = Self.part(htmlBody, type: "text/html").joined(separator: "\r\n")
        let parts = ["", "--\(Self.boundary)", text, "--\(Self.boundary)", html, "--\(Self.boundary)--", ""]
        return Array((head + parts).joined(separator: "\r\n").utf8)
    }

    /// Quoted-printable text never holds `=_`, so no body can hold this.
    private static let boundary = "=_sextant_alternative"

    private static func part(_ text: String, type: String) -> [String] {
        [
            "Content-Type: \(type); charset=utf-8", "Content-Transfer-Encoding: quoted-printable", "",
            QuotedPrintable.encode(text),
        ]
    }
}

extension Timestamp {
    /// `Sun, 11 May 2025 07:45:30 +0000` (RFC 5322, section 3.3).
    var mailDate: String {
        let date = CalendarDate(self)
        let weekdays = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let weekday = weekdays[(date.daysSinceEpoch % 7 + 7) % 7]
        let time = formatted(.secondsUTC).dropFirst(11).prefix(8)
        let year = formatted(.secondsUTC).prefix(4)
        return "\(weekday), \(date.day) \(months[date.month - 1]) \(year) \(time) +0000"
    }
}
