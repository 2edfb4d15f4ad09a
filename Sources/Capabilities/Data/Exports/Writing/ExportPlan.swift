import Time

/// How an export is cut: a chunk for every month it touches, and in each chunk a file for every ISO week that starts
/// in it. The first chunk also holds the week under way on the first day.
struct ExportPlan: Equatable {
    /// One file's share of time.
    struct Week: Equatable {
        /// The week's Monday; the file is named after it.
        let monday: CalendarDate
        /// First moment of the share.
        let start: Timestamp
        /// First moment after it.
        let end: Timestamp
    }

    /// One month.
    struct Chunk: Equatable {
        /// The first of the month.
        let month: CalendarDate
        let weeks: [Week]
    }

    let chunks: [Chunk]

    /// - Parameters:
    ///   - from: first day.
    ///   - to: last day, included; not before `from`.
    init(from: CalendarDate, to: CalendarDate) {
        let end = to.adding(days: 1)
        var weeks: [CalendarDate: [Week]] = [:]
        var monday = from.startOfISOWeek
        while monday < end {
            let first = max(monday, from)
            let next = monday.adding(days: 7)
            weeks[first.startOfMonth, default: []].append(
                Week(monday: monday, start: first.start, end: min(next, end).start))
            monday = next
        }
        var chunks: [Chunk] = []
        var month = from.startOfMonth
        while month <= to {
            chunks.append(Chunk(month: month, weeks: weeks[month] ?? []))
            month = month.startOfNextMonth
        }
        self.chunks = chunks
    }
}
