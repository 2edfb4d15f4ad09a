import Cryptography
import Foundation
import HTTPClient
import JSON
import NIOCore

/// Fetches the files of an export into a folder.
struct ExportDownload: Sendable {
    let server: ServerConnection
    let folder: String

    /// How often a file is fetched that does not come as it should.
    private static let attempts = 3

    /// - Parameter job: a completed export, as the server shows it.
    /// - Returns: its manifest, which is in the folder, too.
    /// - Throws: ``CommandError`` for a file that is not as the manifest says.
    func run(_ job: JSONValue) async throws -> JSONValue {
        guard let link = job["manifest"]?["url"]?.string else {
            throw CommandError("The export has no files any more: the server keeps them for three days.")
        }
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        } catch {
            throw CommandError("The folder \(folder) cannot be made: \(error.localizedDescription)")
        }
        let manifest = try await collect(link)
        let links = job["presigned_urls"]?.array ?? []
        let files = try JSONValue(parsing: manifest)["files"]?.array ?? []
        for (index, file) in files.enumerated() {
            let name = try Self.checkedName(file)
            guard let link = links.first(where: { $0["filename"]?.string == name })?["url"]?.string else {
                throw CommandError("The server gives no link to \(name).")
            }
            Waiting.show("\(name), \(index + 1) of \(files.count) files")
            try await fetch(name, from: link, sum: file["sha256"]?.string ?? "")
        }
        try Data(manifest).write(to: URL(fileURLWithPath: "\(folder)/manifest.json"))
        return try JSONValue(parsing: manifest)
    }

    /// A name of a file in the folder, whatever the server says.
    private static func checkedName(_ file: JSONValue) throws -> String {
        guard let name = file["filename"]?.string, !name.isEmpty, name.utf8.first != UInt8(ascii: "."),
            name.utf8.allSatisfy({ $0 > 0x20 && $0 != UInt8(ascii: "/") && $0 != 0x7F })
        else { throw CommandError("The manifest names a file that cannot be written here.") }
        return name
    }

    private func collect(_ link: String) async throws -> [UInt8] {
        let response = try await server.open(link)
        let bytes = try await response.body.collect(upTo: 64 << 20)
        guard response.status == 200 else { throw Self.refusal(response, bytes) }
        return bytes
    }

    private static func refusal(_ response: ClientResponse, _ bytes: [UInt8]) -> ServerConnectionError {
        .refused(status: response.status, body: String(decoding: bytes.prefix(1_000), as: UTF8.self))
    }

    private func fetch(_ name: String, from link: String, sum: String) async throws {
        let path = "\(folder)/\(name)"
        if try Self.sum(ofFileAt: path) == sum { return }
        var failure: any Error = CommandError("\(name) could not be fetched.")
        for _ in 0..<Self.attempts {
            do {
                let found = try await write(link, to: "\(path).part")
                guard found == sum else {
                    failure = CommandError("\(name) does not have the sum that the manifest says.")
                    continue
                }
                // Complete or not at all under its name.
                _ = rename("\(path).part", path)
                return
            } catch let error as HTTPClientError {
                failure = CommandError("\(name): \(error)", .unreachable)
            }
        }
        try? FileManager.default.removeItem(atPath: "\(path).part")
        throw failure
    }

    /// - Returns: the sum of what came.
    private func write(_ link: String, to path: String) async throws -> String {
        let response = try await server.open(link)
        guard response.status == 200 else {
            throw Self.refusal(response, try await response.body.collect(upTo: 1 << 20))
        }
        guard FileManager.default.createFile(atPath: path, contents: nil),
            let file = FileHandle(forWritingAtPath: path)
        else { throw CommandError("\(path) cannot be written.") }
        defer { try? file.close() }
        var sum = SHA256()
        for try await chunk in response.body {
            try Task.checkCancellation()
            try file.write(contentsOf: Data(chunk.readableBytesView))
            sum.update(chunk.readableBytesView)
        }
        try file.synchronize()
        return sum.finish().hexadecimal
    }

    /// Nil where there is no such file.
    private static func sum(ofFileAt path: String) throws -> String? {
        guard let file = FileHandle(forReadingAtPath: path) else { return nil }
        defer { try? file.close() }
        var sum = SHA256()
        while let piece = try file.read(upToCount: 1 << 20), !piece.isEmpty { sum.update(piece) }
        return sum.finish().hexadecimal
    }
}
