import Foundation

/// The Python that runs the foreign implementations which the tests check against.
package enum PythonInterpreter {
    /// `.deps/python/bin/python3` in a folder above this file, as `scripts/bootstrap` makes it, else `python3` on the
    /// path: the first that has `module`.
    package static func find(having module: String) throws -> String {
        let found = candidates().first { path in
            (try? run(path, ["-c", "import importlib.util as u; exit(not u.find_spec('\(module)'))"]))?.status == 0
        }
        guard let found else { throw Missing(module: module, tried: candidates()) }
        return found
    }

    struct Missing: Error, CustomStringConvertible {
        let module: String
        let tried: [String]

        var description: String {
            "No Python with the package '\(module)': tried \(tried). Run scripts/bootstrap, or 'pip install \(module)'."
        }
    }

    /// Runs `script` to its end and returns what it prints.
    package static func output(of script: String, _ arguments: [String], having module: String) throws -> String {
        let result = try run(try find(having: module), ["-c", script] + arguments)
        guard result.status == 0 else { throw ScriptFailure(status: result.status, errors: result.errors) }
        return result.output.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    struct ScriptFailure: Error {
        let status: Int32
        let errors: String
    }

    private static func candidates() -> [String] {
        var found: [String] = []
        var folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        while folder.path != "/" {
            let path = folder.appendingPathComponent(".deps/python/bin/python3").path
            if FileManager.default.isExecutableFile(atPath: path) { found.append(path) }
            folder.deleteLastPathComponent()
        }
        let search = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin"
        let onPath = search.split(separator: ":").map { "\($0)/python3" }
        return found + onPath.filter(FileManager.default.isExecutableFile(atPath:)).prefix(1)
    }

    private static func run(
        _ path: String, _ arguments: [String]
    ) throws -> (status: Int32, output: String, errors: String) {
        let process = Process()
        let folder = try TemporaryFolder()
        let (output, errors) = (try folder.newFile([]), try folder.newFile([]))
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: output))
        process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: errors))
        try process.run()
        process.waitUntilExit()
        return (
            process.terminationStatus, try String(contentsOfFile: output, encoding: .utf8),
            try String(contentsOfFile: errors, encoding: .utf8)
        )
    }
}
