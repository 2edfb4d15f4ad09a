import Time

extension CalendarDate {
    /// A day that a test knows to exist.
    static func day(_ text: String) -> CalendarDate {
        CalendarDate(text) ?? CalendarDate(daysSinceEpoch: 0)
    }
}
