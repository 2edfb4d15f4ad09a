import Foundation
import Testing

/// Goes through the sources for values of rows that are read by GRDB's subscripts, which end the process where the file
/// holds something else. `Row.read` throws.
@Suite struct RowReadingTests {
    /// Files that may, and why.
    private static let allowed = ["Row+read.swift": "what reads rows for all others"]

    @Test func noStoredRowEndsTheProcess() throws {
        // By name, by place, by a name that is worked out; by short names of closures, and by a type that is asked for.
        // GRDB's own decoding puts the whole row into its error, and so into logs.
        let pattern =
            #/\b[rR]ow\??\[|\b\w+Row\??\[|\$\d\["\w+"\](?: as |, |\)| [<=])|\["\w+"\] as |\?\[\d\] \?\? |forColumn: |atIndex: /#
        let sources = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Sources")
        let found = try #require(FileManager.default.enumerator(atPath: sources.path()))
        var used: Set<String> = []
        var count = 0
        for case let path as String in found where path.hasSuffix(".swift") {
            let text = try String(contentsOf: sources.appending(path: path), encoding: .utf8)
            guard text.contains("import GRDB") else { continue }
            count += 1
            guard let match = text.firstMatch(of: pattern) else { continue }
            let file = path.split(separator: "/").last.map(String.init) ?? path
            #expect(
                Self.allowed[file] != nil,
                "\(path) reads a row with \(match.output): use Row.read, which throws where the file is damaged")
            used.insert(file)
        }
        #expect(count > 50, "these are not the sources")
        #expect(Set(Self.allowed.keys).subtracting(used).isEmpty, "no longer needed in the list")
    }
}
