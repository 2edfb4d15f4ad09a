/// Some profiles of a table in the order that a query asks for, made as far as it is needed.
///
/// Each has a number that its first value to sort by was made into: it decides nearly always, and only between equal ones
/// the values themselves are looked at. Whom all of them leave equal come by their ids.
struct ProfileOrder: Sendable {
    private struct Entry {
        let key: UInt64
        let place: Int32
    }

    private let ids: [Int64]
    private var entries: [Entry]
    private let columns: [(column: ProfileColumn, isDescending: Bool)]

    /// - Parameter matches: who is in it, by place.
    init(_ table: ProfileTable, matches: [Bool], sort: [ProfileQuery.SortKey]) {
        ids = table.ids
        columns = sort.compactMap { key in table.column(key.attribute).map { ($0, key.isDescending) } }
        entries = []
        entries.reserveCapacity(matches.count)
        guard let (first, isDescending) = columns.first else {
            for place in matches.indices where matches[place] {
                entries.append(Entry(key: 0, place: Int32(truncatingIfNeeded: place)))
            }
            return
        }
        let mask: UInt64 = isDescending ? .max : 0
        first.withKeys { key in
            for place in matches.indices where matches[place] {
                entries.append(Entry(key: key(place) ^ mask, place: Int32(truncatingIfNeeded: place)))
            }
        }
    }

    var count: Int { entries.count }

    /// Ids of the first so many, without sorting the others.
    func first(_ limit: Int) -> [Int64] {
        if columns.isEmpty { return entries.prefix(limit).map { ids[Int($0.place)] } }
        if entries.count <= limit { return sortedIDs() }
        // The greatest of those that are kept is at the top.
        var heap = Array(entries.prefix(limit))
        for root in stride(from: limit / 2, through: 0, by: -1) { sift(&heap, from: root) }
        for entry in entries.dropFirst(limit) where isBefore(entry, heap[0]) {
            heap[0] = entry
            sift(&heap, from: 0)
        }
        heap.sort(by: isBefore)
        return heap.map { ids[Int($0.place)] }
    }

    /// All ids.
    func sortedIDs() -> [Int64] {
        if columns.isEmpty { return entries.map { ids[Int($0.place)] } }
        return entries.sorted(by: isBefore).map { ids[Int($0.place)] }
    }

    private func sift(_ heap: inout [Entry], from start: Int) {
        var parent = start
        while true {
            var greatest = parent
            for child in [2 * parent + 1, 2 * parent + 2]
            where child < heap.count && isBefore(heap[greatest], heap[child]) {
                greatest = child
            }
            if greatest == parent { return }
            heap.swapAt(parent, greatest)
            parent = greatest
        }
    }

    private func isBefore(_ one: Entry, _ other: Entry) -> Bool {
        if one.key != other.key { return one.key < other.key }
        for (column, isDescending) in columns {
            let order = column.compare(Int(one.place), Int(other.place))
            if order != 0 { return (order < 0) != isDescending }
        }
        return one.place < other.place
    }
}

extension ProfileColumn {
    /// Calls the body with what makes a number of the value at a place: of two values the lesser has no greater one.
    fileprivate func withKeys(_ body: ((Int) -> UInt64) -> Void) {
        switch type {
        case .time, .boolean: integers.withUnsafeBufferPointer { all in body { Self.key(all[$0]) } }
        case .number: numbers.withUnsafeBufferPointer { all in body { Self.key(all[$0]) } }
        case .text: body { texts.withBytes(at: $0, Self.key) }
        case .list: body { texts.withBytes(at: $0) { Self.key(ListBytes.first($0)) } }
        }
    }

    private static func key(_ integer: Int64) -> UInt64 { UInt64(bitPattern: integer) ^ (1 << 63) }

    private static func key(_ number: Double) -> UInt64 {
        let bits = number.bitPattern
        return bits >> 63 == 1 ? ~bits : bits | 1 << 63
    }

    /// The first eight bytes.
    private static func key(_ text: UnsafeBufferPointer<UInt8>) -> UInt64 {
        var key: UInt64 = 0
        for place in 0..<8 { key = key << 8 | (place < text.count ? UInt64(text[place]) : 0) }
        return key
    }

    fileprivate func compare(_ one: Int, _ other: Int) -> Int {
        switch type {
        case .time, .boolean: Self.order(integers[one], integers[other])
        case .number:
            if numbers[one] != numbers[other] || exact.isEmpty {
                Self.order(numbers[one], numbers[other])
            } else if let one = number(at: one), let other = number(at: other) {
                Self.order(one, other)
            } else {
                0
            }
        case .text: texts.compare(one, other)
        case .list: texts.compare(one, other, by: ListBytes.first)
        }
    }

    private static func order<Value: Comparable>(_ one: Value, _ other: Value) -> Int {
        one == other ? 0 : one < other ? -1 : 1
    }
}
