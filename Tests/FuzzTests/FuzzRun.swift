import Foundation

/// A run of one target, in a process of its own that a trap may end.
struct FuzzRun: Codable, Sendable {
    let target: FuzzTarget
    let seed: UInt64
    /// How long new inputs are made. Cases are all replayed, however long that takes.
    let seconds: Double
    /// A file that holds the input being read.
    let inputPath: String

    /// An input that takes longer than this is a find as well.
    private static let mostSecondsOfOneInput: UInt32 = 60

    /// Reads case after case, then input after input.
    /// - Throws: ``Broken`` as soon as something does not hold.
    func perform() throws {
        try keepErrors()
        let subject = try target.makeSubject()
        let current = try InputFile(path: inputPath)
        var random = FuzzRandom(seed: seed)
        for input in try Self.cases(of: target) {
            try examine(input, with: subject, current, &random)
        }
        var mutator = Mutator(samples: subject.samples, tokens: subject.tokens)
        var outcomes: Set<String> = []
        for sample in subject.samples { outcomes.insert(try examine(sample, with: subject, current, &random)) }
        var count = 0
        let end = ContinuousClock.now + .seconds(seconds)
        while count % 64 != 0 || ContinuousClock.now < end {
            let input = mutator.next(&random)
            let outcome = try examine(input, with: subject, current, &random)
            if outcomes.insert(outcome).inserted { mutator.keep(input, &random) }
            count += 1
        }
        alarm(0)
        print("fuzzed \(target.rawValue): \(count) inputs, \(outcomes.count) outcomes, seed \(seed)")
    }

    /// Where what the process says before it ends is kept.
    var errorPath: String { "\(inputPath).errors" }

    private func keepErrors() throws {
        let file = open(errorPath, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        guard file >= 0, dup2(file, STDERR_FILENO) >= 0 else { throw Broken("\(errorPath) cannot be written") }
        close(file)
    }

    @discardableResult
    private func examine(
        _ input: [UInt8], with subject: any FuzzSubject, _ current: InputFile, _ random: inout FuzzRandom
    ) throws -> String {
        current.note(input)
        alarm(Self.mostSecondsOfOneInput)
        return try subject.examine(input, &random)
    }

    /// Where finds are kept.
    static func casesFolder(of target: FuzzTarget) -> URL {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "Cases/\(target.rawValue)")
    }

    /// The finds of earlier runs.
    private static func cases(of target: FuzzTarget) throws -> [[UInt8]] {
        let folder = casesFolder(of: target)
        guard FileManager.default.fileExists(atPath: folder.path) else { return [] }
        return try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
            .sorted { $0.path < $1.path }.map { Array(try Data(contentsOf: $0)) }
    }
}

/// A file in memory that outlives the process: which input was being read when it ended.
struct InputFile {
    private static let capacity = Mutator.mostBytes * 16
    private let memory: UnsafeMutableRawPointer

    init(path: String) throws {
        let file = open(path, O_RDWR | O_CREAT | O_TRUNC, 0o600)
        guard file >= 0, ftruncate(file, off_t(Self.capacity)) == 0,
            let memory = mmap(nil, Self.capacity, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0), memory != MAP_FAILED
        else { throw Broken("\(path) cannot be made: \(String(cString: strerror(errno)))") }
        close(file)
        self.memory = memory
    }

    /// The length in eight bytes, then as much of the input as there is room for.
    func note(_ input: [UInt8]) {
        let kept = min(input.count, Self.capacity - 8)
        memory.storeBytes(of: UInt64(kept), as: UInt64.self)
        input.withUnsafeBytes { if let start = $0.baseAddress { memcpy(memory + 8, start, kept) } }
    }

    /// What was noted last in a file.
    static func input(at path: String) -> [UInt8] {
        guard let data = FileManager.default.contents(atPath: path), data.count >= 8 else { return [] }
        let count = data.withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) }
        return Array(data.dropFirst(8).prefix(Int(count)))
    }
}
