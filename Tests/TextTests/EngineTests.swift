import Foundation
import Testing

/// Goes through the sources for what only the control store's engine may know, so that another engine can take its
/// place, and for values of rows that are read in ways that end the process where the file holds something else.
@Suite struct EngineTests {
    private static let sources = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Sources")
    private static let engine = "Storage/ControlStore/SQLite/"
    /// The event log's engine, and queries of its tables, are another one.
    private static let others = [
        "Engines/DuckDB/", "Storage/EventStore/", "Storage/EventMirror/", "Capabilities/Data/",
    ]

    private func files() throws -> [(path: String, text: String)] {
        let found = try #require(FileManager.default.enumerator(atPath: Self.sources.path()))
        return try found.compactMap { $0 as? String }.filter { $0.hasSuffix(".swift") }.map {
            ($0, try String(contentsOf: Self.sources.appending(path: $0), encoding: .utf8))
        }
    }

    @Test func oneFolderKnowsSQLite() throws {
        let pattern =
            #/import (GRDB|SQLite3)|\bjson_\w+\(|lastInsertedRowID|WITHOUT ROWID|AUTOINCREMENT|PRAGMA |strftime|COLLATE |NOT INDEXED|INSERT OR |sqlite_\w+/#
        let files = try files().filter { file in
            !file.path.hasPrefix(Self.engine) && !Self.others.contains { file.path.hasPrefix($0) }
        }
        #expect(files.count > 500, "these are not the sources")
        for file in files {
            let match = file.text.firstMatch(of: pattern)?.output.0
            #expect(match == nil, "\(file.path) has \(match ?? ""): name it in \(Self.engine)SQL.swift")
        }
    }

    /// GRDB's subscripts end the process, and its own decoding puts the whole row into its error, and so into logs.
    @Test func noStoredRowEndsTheProcess() throws {
        let pattern = #/\b[rR]ow\??\[|\b\w+Row\??\[|try! /#
        let files = try files().filter { $0.path.hasPrefix("Storage/ControlStore/") }
        #expect(files.count > 20, "these are not the sources")
        for file in files {
            let match = file.text.firstMatch(of: pattern)?.output
            #expect(match == nil, "\(file.path) reads a row with \(match ?? ""): use decode, which throws")
        }
    }
}
