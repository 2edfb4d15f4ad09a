import ArgumentParser
import Contract
import ControlStore
import Foundation
import Gateway
import HTTPTypes
import Identity
import JSON
import Logging
import Telemetry
import Time

/// `sextant routes`: what the server answers.
struct Routes: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List the operations of all contracts.")

    @Flag(help: "Only those that this version does not serve yet; they answer 501.")
    var missing = false

    @Flag(
        name: [.customLong("access"), .customLong("rights")],
        help: "Only those that are served, with the policy of each and the kinds of callers that it lets in.")
    var access = false

    @Flag(help: "Print JSON, one object an operation.")
    var json = false

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
        if access {
            for surface in server.surfaces { surface.access.forEach(show) }
            return
        }
        for surface in server.surfaces {
            let absent = Set(surface.missingOperations.map(\.operationId))
            for operation in surface.contract.operations {
                show(operation, isServed: !absent.contains(operation.operationId))
            }
        }
        for contract in server.unserved {
            for operation in contract.operations { show(operation, isServed: false) }
        }
    }

    private func show(_ line: AccessLine) {
        if json {
            return print(
                line.operation,
                [
                    ("policy", .string(line.policy)),
                    ("callers", .array(line.callers.map { .string($0) })),
                ])
        }
        let columns = [line.policy, line.callers.joined(separator: ",")]
        Swift.print((Self.columns(line.operation) + columns).joined(separator: "\t"))
    }

    private func show(_ operation: ContractOperation, isServed: Bool) {
        if missing && isServed { return }
        if json { return print(operation, [("served", .bool(isServed))]) }
        Swift.print(Self.columns(operation).joined(separator: "\t") + (isServed || missing ? "" : "\t(not served)"))
    }

    private func print(_ operation: ContractOperation, _ more: [(String, JSONValue)]) {
        let own: [(String, JSONValue)] = zip(["operation", "method", "path"], Self.columns(operation)).map {
            ($0, .string($1))
        }
        Swift.print(JSONValue.object(JSONObject(own + more)).encodedString)
    }

    private static func columns(_ operation: ContractOperation) -> [String] {
        ["\(operation.document).\(operation.operationId)", operation.method.rawValue, operation.path]
    }
}
