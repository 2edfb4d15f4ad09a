extension EventBatch {
    /// The same events, some of them with a company.
    /// - Parameter companies: by row.
    func filled(with companies: [Int: String]) -> EventBatch {
        if companies.isEmpty { return self }
        var (rows, text) = (rows, text)
        for (row, company) in companies {
            rows[row].texts[EventField.companyID.rawValue] = TextSlice(
                offset: UInt32(text.count), length: UInt32(company.utf8.count))
            text.append(contentsOf: company.utf8)
        }
        return EventBatch(receivedAt: receivedAt, rows: rows, text: text, namesCompanies: namesCompanies)
    }
}
