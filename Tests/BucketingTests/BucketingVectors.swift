import Foundation
import JSON
import Testing

@testable import Bucketing

/// What the vendor's Python SDK computed; `golden.py` writes it.
struct BucketingVectors {
    struct Split {
        let name: String
        let arms: [BucketingArm]
        let layout: BucketingLayout
        /// The first value of each run of equal choices, in ascending order, and the id chosen.
        let runs: [(first: Int, id: String?)]

        func expected(for value: Int) -> String? {
            runs.last { $0.first <= value }.flatMap(\.id)
        }
    }

    let visitors: [String]
    let experiences: [String]
    let seeds: [UInt32]
    let hashes: [UInt32]
    let values: [Double]
    let splits: [Split]

    init() throws {
        let url = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "golden.json")
        let golden = try JSONValue(parsing: [UInt8](Data(contentsOf: url)))
        visitors = try #require(golden["visitors"]?.array).compactMap(\.string)
        experiences = try #require(golden["experiences"]?.array).compactMap(\.string)
        seeds = try #require(golden["seeds"]?.array).compactMap(\.int64).map(UInt32.init)
        hashes = try #require(golden["hashes"]?.array).compactMap(\.int64).map(UInt32.init)
        values = try #require(golden["values"]?.array).compactMap(\.double)
        splits = try #require(golden["splits"]?.array).map { split in
            Split(
                name: try #require(split["name"]?.string),
                arms: try #require(split["variations"]?.array).map { variation in
                    BucketingArm(
                        id: try #require(variation["id"]?.string),
                        allocationPercent: variation["traffic_allocation"]?.double,
                        isRunning: BucketingArm.isRunning(status: variation["status"]?.string))
                },
                layout: BucketingLayout(experienceVersion: split["version"]?.double),
                runs: try #require(split["runs"]?.array).map { run in
                    (first: Int(try #require(run[0]?.int64)), id: run[1]?.string)
                })
        }
    }
}
