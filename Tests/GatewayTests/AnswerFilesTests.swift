import Foundation
import HTTPTypes
import NIOCore
import TestSupport
import Testing

@testable import Gateway

@Suite struct AnswerFilesTests {
    private let folder: TemporaryFolder
    private let files: AnswerFiles

    init() throws {
        folder = try TemporaryFolder()
        files = AnswerFiles(folder: folder.path)
    }

    private func content(_ body: OperationResponse.Body) async throws -> (length: Int?, bytes: [UInt8]) {
        guard case .stream(let length, let chunks) = body else { throw CancellationError() }
        var bytes: [UInt8] = []
        for try await chunk in chunks() { bytes += chunk.readableBytesView }
        return (length, bytes)
    }

    @Test func whatIsWrittenIsSent() async throws {
        let file = try files.make(account: 1)
        let pieces = (0..<20).map { [UInt8](repeating: $0, count: 50_001) }
        for piece in pieces { try file.append(piece) }
        try file.append([])
        for _ in 0..<2 {
            let (length, bytes) = try await content(file.body)
            #expect(length == 1_000_020 && bytes == Array(pieces.joined()))
        }
        // It has no name that a crash could leave.
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == [])
    }

    @Test func anEmptyAnswerEnds() async throws {
        let (length, bytes) = try await content(files.make(account: 1).body)
        #expect(length == 0 && bytes == [])
    }

    @Test func anAccountHasAFewAtATime() throws {
        var held = try (0..<AnswerFiles.mostOfOne).map { _ in try files.make(account: 1) }
        #expect(throws: APIError.self) { try files.make(account: 1) }
        _ = try files.make(account: 2)
        held.removeLast()
        held.append(try files.make(account: 1))
        #expect(throws: APIError.self) { try files.make(account: 1) }
    }

    /// However slowly they are read.
    @Test func theDiskThatTheyTakeIsBounded() throws {
        let files = AnswerFiles(folder: folder.path, mostBytes: 1_000)
        let piece = [UInt8](repeating: 1, count: 250)
        var first = [try files.make(account: 1), try files.make(account: 1)]
        for file in first { try file.append(piece) }
        // Half of it is one account's share, and all of it everybody's.
        #expect(throws: APIError.self) { try first[0].append([1]) }
        let second = try files.make(account: 2)
        try second.append(piece)
        try second.append(piece)
        let third = try files.make(account: 3)
        let refusal = #expect(throws: APIError.self) { try third.append([1]) }
        #expect(refusal?.status == .tooManyRequests && refusal?.headers[.retryAfter] == "60")
        first.removeAll()
        try third.append(piece)
        #expect(throws: APIError.self) { try second.append([1]) }
        withExtendedLifetime(second) {}
    }

    @Test func aFolderThatIsGoneIsToldAndHoldsNoPlace() throws {
        let lost = AnswerFiles(folder: folder.file("lost"))
        for _ in 0...AnswerFiles.mostOfOne {
            #expect(throws: CocoaError.self) { try lost.make(account: 1) }
        }
    }
}
