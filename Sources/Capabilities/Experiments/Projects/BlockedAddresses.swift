import InternetAddress
import ProjectDocuments
import Resources

/// Addresses whose visitors are left out of reports (contract member `blocked_ips`), as they may be stored.
enum BlockedAddresses {
    /// Addresses and ranges of one list; each event is compared with all.
    private static let maximumCount = 1_000

    /// - Throws: ``ExperimentsError`` for ranges that end before they begin, and for too many.
    static func check(_ list: BlockedIPs?, in member: String) throws {
        let field = "\(member).blocked_ips"
        let ranges = list?.range ?? []
        guard ranges.count + (list?.single.count ?? 0) <= maximumCount else {
            throw ExperimentsError.invalid(field, "\(field): at most \(maximumCount) addresses and ranges.")
        }
        for (index, range) in ranges.enumerated() {
            guard let first = range.start.flatMap({ IPAddress($0) }), let last = range.end.flatMap({ IPAddress($0) }),
                IPRange(first: first, last: last) != nil
            else {
                let field = "\(field).range[\(index)]"
                throw ExperimentsError.invalid(
                    field, "\(field): start and end must be addresses of the same kind, and end not before start.")
            }
        }
    }
}
