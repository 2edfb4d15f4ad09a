/// The profiles of one kind in one environment, with the attributes that were asked for, column by column: a list of a
/// million is filtered in milliseconds.
struct ProfileTable: Sendable {
    /// Rising.
    private(set) var ids: [Int64] = []
    /// False for who was removed, until the places are given up.
    private(set) var isThere: [Bool] = []
    private(set) var count = 0
    private(set) var attributes: [ProfileAttribute]
    /// By the places of their attributes.
    private var columns: [ProfileColumn]

    /// A table whose rows come by rising ids.
    init(_ attributes: some Collection<ProfileAttribute>) {
        self.attributes = Array(attributes)
        columns = attributes.map { ProfileColumn($0.type) }
    }

    /// Of memory, about.
    var byteCount: Int { 9 * ids.count + columns.reduce(0) { $0 + $1.byteCount } }

    var needsProperties: Bool { attributes.contains(where: \.needsProperties) }

    /// Whether values had to be left out.
    var isFull: Bool { columns.contains(where: \.isFull) || ids.count >= Int(Int32.max) }

    /// The values of an attribute; nil when they were not read.
    func column(_ attribute: ProfileAttribute) -> ProfileColumn? {
        attributes.firstIndex(of: attribute).map { columns[$0] }
    }

    /// Gives up what is not needed.
    mutating func keep(where isNeeded: (ProfileAttribute) -> Bool) {
        let kept = attributes.indices.filter { isNeeded(attributes[$0]) }
        (attributes, columns) = (kept.map { attributes[$0] }, kept.map { columns[$0] })
    }

    /// Adds a profile whose id is greater than all others'.
    mutating func append(_ facts: ProfileFacts) {
        ids.append(facts.id)
        isThere.append(true)
        count += 1
        for index in columns.indices { columns[index].append(facts.value(of: attributes[index])) }
    }

    /// Takes over how profiles are now.
    /// - Parameter rows: by rising ids.
    mutating func update(_ rows: [ProfileFacts]) {
        var new: [ProfileFacts] = []
        for facts in rows {
            guard let place = place(of: facts.id) else {
                new.append(facts)
                continue
            }
            if !isThere[place] {
                isThere[place] = true
                count += 1
            }
            set(facts, at: place)
        }
        guard let first = new.first else { return }
        // Who comes back has an old id.
        if let last = ids.last, first.id < last { return makeRoom(for: new) }
        for facts in new { append(facts) }
    }

    private mutating func set(_ facts: ProfileFacts, at place: Int) {
        for index in columns.indices { columns[index].set(facts.value(of: attributes[index]), at: place) }
    }

    /// Takes out who is not there any more.
    mutating func remove(_ removed: [Int64]) {
        for id in removed {
            guard let place = place(of: id), isThere[place] else { continue }
            isThere[place] = false
            count -= 1
        }
        guard ids.count - count > max(1_000, ids.count / 4) else { return }
        rearrange(by: ids.indices.filter { isThere[$0] }.map { (ids[$0], Int32($0)) })
    }

    /// Takes over columns that were read for it meanwhile; who is not in there reads as missing until updated.
    mutating func adopt(_ other: ProfileTable) {
        var place = 0
        let sources = ids.map { id -> Int32 in
            while place < other.ids.count, other.ids[place] < id { place += 1 }
            return place < other.ids.count && other.ids[place] == id ? Int32(place) : -1
        }
        keep { !other.attributes.contains($0) }
        attributes += other.attributes
        columns += other.columns.map { $0.rearranged(by: sources) }
    }

    private func place(of id: Int64) -> Int? {
        var (low, high) = (0, ids.count)
        while low < high {
            let middle = low + (high - low) / 2
            if ids[middle] < id { low = middle + 1 } else { high = middle }
        }
        return low < ids.count && ids[low] == id ? low : nil
    }

    private mutating func makeRoom(for new: [ProfileFacts]) {
        var merged: [(id: Int64, source: Int32)] = []
        merged.reserveCapacity(ids.count + new.count)
        var place = 0
        for facts in new {
            while place < ids.count, ids[place] < facts.id {
                merged.append((ids[place], Int32(place)))
                place += 1
            }
            merged.append((facts.id, -1))
        }
        while place < ids.count {
            merged.append((ids[place], Int32(place)))
            place += 1
        }
        rearrange(by: merged)
        for facts in new { if let place = self.place(of: facts.id) { set(facts, at: place) } }
    }

    /// - Parameter order: the new ids, each with its place up to now; a negative one for a new profile.
    private mutating func rearrange(by order: [(id: Int64, source: Int32)]) {
        let sources = order.map(\.source)
        isThere = sources.map { $0 < 0 || isThere[Int($0)] }
        ids = order.map(\.id)
        count = isThere.reduce(0) { $0 + ($1 ? 1 : 0) }
        columns = columns.map { $0.rearranged(by: sources) }
    }
}
