import InternetAddress
import ProjectDocuments

/// The addresses whose visitors are left out of reports: those of the project and of its account.
struct BlockedAddresses: Sendable {
    private let ranges: [IPRange]

    /// - Parameter lists: contract members `blocked_ips`.
    init(_ lists: [BlockedIPs]) {
        ranges = lists.flatMap { list in
            let single = list.single.compactMap { $0.flatMap { IPRange(network: $0) } }
            let ranges = list.range.compactMap { range -> IPRange? in
                guard let first = range.start.flatMap({ IPAddress($0) }),
                    let last = range.end.flatMap({ IPAddress($0) })
                else { return nil }
                return IPRange(first: first, last: last)
            }
            return single + ranges
        }
    }

    var isEmpty: Bool { ranges.isEmpty }

    func contains(_ address: IPAddress) -> Bool { ranges.contains { $0.contains(address) } }
}
