package import ControlStore
public import Cryptography
public import Jobs
package import Time

/// Where letters are put that the server sends: each is a job, which waits for the mail server as long as it takes.
public struct LetterBox: Sendable {
    /// Where people reach this server, such as `https://sextant.example.com`.
    public let publicURL: String

    private let jobs: JobStore
    private let key: SecretKey

    /// - Parameters:
    ///   - key: 32 bytes, under which letters wait.
    ///   - publicURL: where people reach this server, such as `https://sextant.example.com`.
    public init(jobs: JobStore, key: SecretKey, publicURL: String) {
        self.jobs = jobs
        self.key = key
        self.publicURL = publicURL
    }

    /// Has a letter sent that somebody waits for, exactly when what it is about is stored.
    ///
    /// An address that no mail can go to keeps nothing from being done: the job says so.
    /// - Parameter expiresAt: when what it says is good no more; nil for never.
    package func post(
        _ content: some LetterContent, to address: String, expiresAt: Timestamp? = nil, in database: Database
    ) throws {
        let letter = try AddressedLetter(to: address, letter: content.letter(), expiresAt: expiresAt)
        try jobs.enqueue(
            NewJob(kind: LetterJob.kind, environmentID: nil, holder: .server, payload: LetterOrder(letter, key)),
            in: database)
    }

    /// Has a letter sent that nobody waits for.
    /// - Parameters:
    ///   - environmentID: the one that it is about, if it is about one.
    ///   - holder: whose turn it takes; nil for that of the environment.
    ///   - mostWaiting: as of `NewJob`.
    /// - Throws: `JobError.tooManyWaiting`.
    package func post(
        _ content: some LetterContent, to address: String, environmentID: Int64?, holder: JobHolder? = nil,
        mostWaiting: Int? = nil
    ) async throws {
        let letter = try AddressedLetter(to: address, letter: content.letter())
        try await jobs.enqueue(
            NewJob(
                kind: LetterJob.noticeKind, environmentID: environmentID, holder: holder,
                payload: LetterOrder(letter, key), mostWaiting: mostWaiting))
    }
}
