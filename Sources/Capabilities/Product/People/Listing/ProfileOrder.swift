/// Some profiles of a table in the order that a query asks for, made as far as it is needed.
///
/// Each has a number that its first value to sort by was made into: it decides nearly always, and only between equal ones
/// the values themselves are looked at. Whom all of them leave equal come by their ids.
struct ProfileOrder: Sendable {
    private let ids: [Int64]
    /// By rising places.
    private let entries: [OrderEntry]
    private let columns: [(column: ProfileColumn, isDescending: Bool)]

    /// - Parameter matches: who is in it, by place.
    init(_ table: ProfileTable, matches: [Bool], sort: [ProfileQuery.SortKey]) {
        ids = table.ids
        columns = sort.compactMap { key in table.column(key.attribute).map { ($0, key.isDescending) } }
        var entries: [OrderEntry] = []
        entries.reserveCapacity(matches.count)
        if let (first, isDescending) = columns.first {
            let mask: UInt64 = isDescending ? .max : 0
            first.withKeys(of: matches) { key in
                for place in matches.indices where matches[place] {
                    entries.append(OrderEntry(key: key(place) ^ mask, place: Int32(truncatingIfNeeded: place)))
                }
            }
        } else {
            for place in matches.indices where matches[place] {
                entries.append(OrderEntry(key: 0, place: Int32(truncatingIfNeeded: place)))
            }
        }
        self.entries = entries
    }

    var count: Int { entries.count }

    /// Ids of the first so many, without sorting the others.
    func first(_ limit: Int) -> [Int64] {
        if columns.isEmpty { return entries.prefix(limit).map { ids[Int($0.place)] } }
        if entries.count <= limit { return sortedIDs() }
        // The greatest of those that are kept is at the top.
        var heap = Array(entries.prefix(limit))
        for root in stride(from: limit / 2, through: 0, by: -1) { sift(&heap, from: root) }
        for entry in entries[limit...] where isBefore(entry, heap[0]) {
            heap[0] = entry
            sift(&heap, from: 0)
        }
        heap.sort(by: isBefore)
        return heap.map { ids[Int($0.place)] }
    }

    /// All ids.
    func sortedIDs() -> [Int64] {
        if columns.isEmpty { return entries.map { ids[Int($0.place)] } }
        var sorted = OrderEntry.sorted(entries)
        if columns.count > 1 || !columns.allSatisfy(\.column.isToldByKey) {
            // Those whose numbers are equal stand together.
            var start = 0
            while start < sorted.count {
                var end = start + 1
                while end < sorted.count, sorted[end].key == sorted[start].key { end += 1 }
                if end - start > 1 { sorted[start..<end].sort(by: isBefore) }
                start = end
            }
        }
        return sorted.map { ids[Int($0.place)] }
    }

    private func sift(_ heap: inout [OrderEntry], from start: Int) {
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

    private func isBefore(_ one: OrderEntry, _ other: OrderEntry) -> Bool {
        if one.key != other.key { return one.key < other.key }
        for (column, isDescending) in columns {
            let order = column.compare(Int(one.place), Int(other.place))
            if order != 0 { return (order < 0) != isDescending }
        }
        return one.place < other.place
    }
}

/// A place, and a number that orders it among others.
struct OrderEntry {
    let key: UInt64
    let place: Int32

    /// Entries by their keys; equal ones stay in their order. Goes through them once for each byte of the keys that is
    /// not the same in all (radix sort), which is many times faster than comparing.
    static func sorted(_ entries: [OrderEntry]) -> [OrderEntry] {
        var counts = [Int](repeating: 0, count: 8 * 256)
        for entry in entries {
            for byte in 0..<8 { counts[byte << 8 | Int(truncatingIfNeeded: entry.key >> (8 * byte)) & 0xFF] += 1 }
        }
        var (sorted, other) = (entries, entries)
        for byte in 0..<8 {
            let part = counts[byte << 8..<(byte + 1) << 8]
            if part.contains(entries.count) { continue }
            var next = 0
            var starts = part.map { count in
                defer { next += count }
                return next
            }
            other.withUnsafeMutableBufferPointer { target in
                for entry in sorted {
                    let digit = Int(truncatingIfNeeded: entry.key >> (8 * byte)) & 0xFF
                    target[starts[digit]] = entry
                    starts[digit] += 1
                }
            }
            swap(&sorted, &other)
        }
        return sorted
    }
}
