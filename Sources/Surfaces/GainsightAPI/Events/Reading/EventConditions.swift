import EventStore
import Gateway
import Time

/// A filter over the events of a list.
struct EventConditions {
    let alternatives: [[EventList.Term]]

    /// - Throws: `APIError` 400 for a field that the list is not filtered by.
    init(_ reader: EventReader, _ filter: FilterExpression) throws(APIError) {
        var alternatives: [[EventList.Term]] = []
        for terms in filter.alternatives.isEmpty ? [[]] : filter.alternatives {
            var conditions = reader.terms
            for term in terms { conditions.append(try Self.condition(term, reader)) }
            alternatives.append(conditions)
        }
        self.alternatives = alternatives.contains(where: \.isEmpty) ? [] : alternatives
    }

    private static func condition(
        _ term: FilterExpression.Term, _ reader: EventReader
    ) throws(APIError) -> EventList.Term {
        if term.field == "date" {
            let moment = try EventSpan.moment(term)
            switch term.comparison {
            case .equal: return .time(moment)
            case .unequal: return .notTime(moment)
            case .atLeast: return .time(moment.lowerBound..<max(moment.lowerBound, Timestamp.latest))
            case .greater: return .time(moment.upperBound..<max(moment.upperBound, Timestamp.latest))
            case .atMost: return .time(min(Timestamp.earliest, moment.upperBound)..<moment.upperBound)
            case .less: return .time(min(Timestamp.earliest, moment.lowerBound)..<moment.lowerBound)
            case .like, .unlike:
                throw APIError.invalid("filter", "filter: date is compared with ==, !=, <, <=, > or >=.")
            }
        }
        guard let text = reader.filter(term.field) else {
            let names = reader.filters.map(\.name) + ["date"]
            throw APIError.invalid(
                "filter",
                "filter: these events are not filtered by \"\(term.field.prefix(80))\", but by \(names.joined(separator: ", "))."
            )
        }
        return .text(text, term.comparison.ofEvents, term.value)
    }
}

/// The order of a list's events.
struct EventOrder {
    let keys: [EventList.SortKey]

    /// - Throws: `APIError` 400 for a field that the list is not sorted by.
    init(_ reader: EventReader, _ sort: String?) throws(APIError) {
        var keys: [EventList.SortKey] = []
        for key in try SortExpression(sort).keys {
            if key.field == "date" {
                keys.append(.time(isDescending: key.isDescending))
            } else if let text = reader.sort(key.field) {
                keys.append(.text(text, isDescending: key.isDescending))
            } else {
                let names = reader.sorts.map(\.name) + ["date"]
                throw APIError.invalid(
                    "sort",
                    "sort: these events are not sorted by \"\(key.field.prefix(80))\", but by \(names.joined(separator: ", "))."
                )
            }
        }
        guard keys.count <= 8 else { throw APIError.invalid("sort", "sort names more than 8 fields; use fewer.") }
        self.keys = keys
    }
}

extension FilterExpression.Comparison {
    fileprivate var ofEvents: EventList.Comparison {
        switch self {
        case .equal: .equal
        case .unequal: .unequal
        case .atMost: .atMost
        case .atLeast: .atLeast
        case .less: .less
        case .greater: .greater
        case .like: .like
        case .unlike: .unlike
        }
    }
}
