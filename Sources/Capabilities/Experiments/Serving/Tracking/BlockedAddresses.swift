import InternetAddress
import JSON

/// The addresses whose visitors are left out of reports: those of the project and of its account.
struct BlockedAddresses: Sendable {
    private let ranges: [IPRange]

    /// - Parameter lists: contract members `blocked_ips`.
    init(_ lists: [JSONValue]) {
        ranges = lists.flatMap { list in
            let single = (list["single"]?.array ?? []).compactMap { entry in
                entry["value"]?.string.flatMap { IPRange(network: $0) }
            }
            let ranges = (list["range"]?.array ?? []).compactMap { entry -> IPRange? in
                guard let first = entry["start"]?.string.flatMap({ IPAddress($0) }),
                    let last = entry["end"]?.string.flatMap({ IPAddress($0) })
                else { return nil }
                return IPRange(first: first, last: last)
            }
            return single + ranges
        }
    }

    var isEmpty: Bool { ranges.isEmpty }

    func contains(_ address: IPAddress) -> Bool { ranges.contains { $0.contains(address) } }
}
