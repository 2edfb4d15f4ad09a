import Foundation
import TestSupport
import Testing

@testable import DuckDB

@Suite struct EngineTests {
    /// Compiles a library that is not the engine.
    private func compile(_ source: String, to path: String) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["clang", "-shared", "-fPIC", "-x", "c", "-", "-o", path]
        let input = Pipe()
        process.standardInput = input
        try process.run()
        try input.fileHandleForWriting.write(contentsOf: Data(source.utf8))
        try input.fileHandleForWriting.close()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
    }

    private func error(of search: EngineSearch) throws -> EngineError {
        try #require(throws: EngineError.self) { try Engine.open(search) }
    }

    @Test func absentLibraryIsReportedWithEverythingTriedAndTheWayOut() throws {
        let folder = try TemporaryFolder()
        let error = try error(of: EngineSearch(systemNames: ["libabsent.so"], folders: [folder.path]))
        #expect(error.attempts.map(\.library) == ["libabsent.so", folder.path])
        #expect(error.description.contains("libabsent.so"))
        #expect(error.description.contains("no libduckdb_engine.so"))
        #expect(error.description.contains("scripts/bootstrap"))
        #expect(error.description.contains("v1.5.5"))
    }

    @Test func namedLibraryIsTheOnlyOneTried() throws {
        let search = EngineSearch.standard(environment: ["SEXTANT_DUCKDB_LIBRARY": "/nowhere/libduckdb.so"])
        let error = try error(of: search)
        #expect(error.attempts.map(\.library) == ["/nowhere/libduckdb.so"])
        #expect(error.isNamed)
        #expect(error.description.contains("SEXTANT_DUCKDB_LIBRARY"))
    }

    @Test func wrongVersionIsNamedBesideTheWantedOne() throws {
        let folder = try TemporaryFolder()
        let library = folder.file("libduckdb.so")
        try compile("const char *duckdb_library_version(void) { return \"v0.9.2\"; }", to: library)
        let error = try error(of: EngineSearch(library: library))
        #expect(error.description.contains("v0.9.2"))
        #expect(error.description.contains("v1.5.5"))
    }

    @Test func libraryWithoutAFunctionInUseIsRefusedByTheFunctionsName() throws {
        let folder = try TemporaryFolder()
        let library = folder.file("libduckdb.so")
        try compile("const char *duckdb_library_version(void) { return \"v1.5.5\"; }", to: library)
        #expect(try error(of: EngineSearch(library: library)).description.contains("lacks the function duckdb_"))
    }

    @Test func libraryThatIsNoDuckDBAndFileThatIsNoLibraryAreRefused() throws {
        let folder = try TemporaryFolder()
        try compile("int unrelated(void) { return 1; }", to: folder.file("libother.so"))
        #expect(
            try error(of: EngineSearch(library: folder.file("libother.so"))).description.contains(
                "not a DuckDB library"))
        try "not a library".write(toFile: folder.file("libtext.so"), atomically: true, encoding: .utf8)
        #expect(try error(of: EngineSearch(library: folder.file("libtext.so"))).attempts.count == 1)
    }

    @Test func wrongLibraryInTheFirstFolderDoesNotHideTheRightOneInTheNext() throws {
        let folder = try TemporaryFolder()
        try compile("const char *duckdb_library_version(void) { return \"v0.9.2\"; }", to: folder.file("libduckdb.so"))
        let candidates = EngineSearch(folders: [folder.path, "/right"]).candidates()
        #expect(candidates.found.map(\.library) == [folder.file("libduckdb.so")])
        #expect(candidates.empty.map(\.library) == ["/right"])
    }

    @Test func manyThreadsLoadOnce() async throws {
        let paths = await withTaskGroup(of: String?.self) { group in
            for _ in 0..<16 { group.addTask { try? Engine.load().path } }
            return await group.reduce(into: Set<String?>()) { $0.insert($1) }
        }
        #expect(paths.count == 1)
        #expect(!paths.contains(nil))
        #expect(try memory().text("SELECT version()") == Engine.version)
    }

    @Test func extensionFolderOfTheOperatorComesFirst() throws {
        let search = EngineSearch.standard(folder: "/given", environment: ["SEXTANT_DUCKDB_EXTENSIONS": "/mine"])
        #expect(
            search.extensionFolders(besideEngineIn: "/engine").prefix(3) == [
                "/mine", "/engine/extensions", "/given/extensions",
            ])
        try Engine.load()
        #expect(Engine.avroExtensionPath?.hasSuffix("/avro.duckdb_extension") == true)
        #expect(Engine.extensionPath("absent") == nil)
    }
}
