import ArgumentParser
import Contract
import ControlStore
import Foundation
import Gateway
import HTTPTypes
import Identity
import Logging
import Telemetry
import Time

/// `sextant routes`: what the server answers.
struct Routes: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List the operations of all contracts.")

    @Flag(help: "Only those that this version does not serve yet; they answer 501.")
    var missing = false

    @Flag(help: "Only those that take keys of environments, with the right that each needs.")
    var rights = false

    func run() async throws {
        // The surfaces are built for real, on an empty folder: the list cannot differ from what is served.
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("sextant-routes-\(UUID().uuidString)")
            .path
        defer { try? FileManager.default.removeItem(atPath: path) }
        let settings = try Settings(dataDirectory: path, environment: [:])
        var logger = Logger(label: "sextant")
        logger.logLevel = .error
        let server = try await Server.make(
            settings, folder: try DataFolder(path), contracts: Contracts(), registry: PrometheusRegistry(),
            readiness: Readiness(), logger: logger)
        for surface in server.surfaces {
            let absent = Set(surface.missingOperations.map(\.operationId))
            for operation in surface.contract.operations where !rights || Self.takesEnvironmentKeys(surface.contract) {
                show(operation, isServed: !absent.contains(operation.operationId))
            }
        }
        for contract in server.unserved where !rights {
            for operation in contract.operations { show(operation, isServed: false) }
        }
    }

    private static func takesEnvironmentKeys(_ contract: ContractDocument) -> Bool {
        contract.operations.contains { EnvironmentRights.needed(for: $0) != nil }
    }

    private func show(_ operation: ContractOperation, isServed: Bool) {
        if missing && isServed { return }
        var columns = ["\(operation.document).\(operation.operationId)", operation.method.rawValue, operation.path]
        if rights { columns.append(EnvironmentRights.needed(for: operation)?.rawValue ?? "none") }
        print(columns.joined(separator: "\t") + (isServed || missing ? "" : "\t(not served)"))
    }
}
