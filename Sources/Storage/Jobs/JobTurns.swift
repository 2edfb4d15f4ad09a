/// Whose job comes next: environments take turns, so that many jobs of one keep nobody waiting for all of them. The jobs
/// of one environment come in their order.
struct JobTurns {
    /// Kind and environment; nil for jobs that are no environment's.
    private struct Place: Hashable {
        let kind: String
        let environmentID: Int64?
    }

    /// Counts the turns that were given.
    private var turns = 0
    private var lastTurns: [Place: Int] = [:]
    /// Beyond this it is forgotten who had a turn, and everybody begins anew.
    private static let mostPlaces = 10_000

    /// Of the due jobs of a kind, the oldest of each environment and the oldest of them first, the one that is next.
    func next(_ kind: String, of due: [(id: String, environmentID: Int64?)]) -> (id: String, environmentID: Int64?)? {
        due.indices.min { first, second in
            let (one, other) = (turn(kind, due[first].environmentID), turn(kind, due[second].environmentID))
            return one == other ? first < second : one < other
        }.map { due[$0] }
    }

    /// Notes that an environment has had its turn.
    mutating func give(_ kind: String, _ environmentID: Int64?) {
        if lastTurns.count >= Self.mostPlaces { lastTurns = [:] }
        turns += 1
        lastTurns[Place(kind: kind, environmentID: environmentID)] = turns
    }

    private func turn(_ kind: String, _ environmentID: Int64?) -> Int {
        lastTurns[Place(kind: kind, environmentID: environmentID)] ?? 0
    }
}
