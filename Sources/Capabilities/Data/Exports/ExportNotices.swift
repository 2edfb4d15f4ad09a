import EventStore
import Jobs
public import Notices
import Text

/// Tells the people named in an export request that it is ready, or that it failed. Each address gets a letter of its
/// own, sent by a job of its own: a mail server that is down holds up no export.
public struct ExportNotices: Sendable {
    private let box: LetterBox

    public init(_ box: LetterBox) {
        self.box = box
    }

    func sendCompletion(of order: ExportOrder, jobID: String, files: [ExportFile]) async throws {
        let letter = ExportReadyLetter(
            application: order.stream.appToken, days: days(of: order), rows: files.reduce(0) { $0 + $1.rowCount },
            files: files.map { .init(name: $0.name, rows: $0.rowCount) }, address: address(of: jobID),
            server: box.publicURL)
        try await send(letter, to: order)
    }

    func sendFailure(of order: ExportOrder, jobID: String, reason: String) async throws {
        let letter = ExportFailedLetter(
            application: order.stream.appToken, days: days(of: order), reason: reason, address: address(of: jobID),
            server: box.publicURL)
        try await send(letter, to: order)
    }

    /// The links are in the letter: whoever has it may fetch the files until they end.
    func sendCompletion(of request: ExperimentExportRequest, files: [Export.Link], manifest: String) async throws {
        let letter = ExperimentExportLetter(
            experience: request.experienceID, rows: files.reduce(0) { $0 + $1.file.rowCount },
            files: files.map { .init(name: $0.file.name, rows: $0.file.rowCount, url: absolute($0.url)) },
            manifest: absolute(manifest), server: box.publicURL)
        for email in request.emails {
            try await box.post(letter, to: email, environmentID: nil, holder: .project(request.projectID))
        }
    }

    private func send(_ letter: some LetterContent, to order: ExportOrder) async throws {
        for email in order.request.emails {
            try await box.post(letter, to: email, environmentID: order.stream.environmentID)
        }
    }

    private func days(of order: ExportOrder) -> (first: String, last: String) {
        ("\(order.request.from)", "\(order.request.to)")
    }

    private func absolute(_ url: String) -> String { url.hasBytePrefix("/") ? box.publicURL + url : url }

    private func address(of jobID: String) -> String {
        "\(box.publicURL)/api/v1/analytics/exports/jobs/\(jobID)"
    }
}
