import EventStore
public import Jobs
import Notices
import Text

/// Tells the people named in an export request that it is ready, or that it failed. Each address gets a message of its
/// own, sent by a job of its own: a mail server that is down holds up no export.
public struct ExportNotices: Sendable {
    private let jobs: JobStore
    private let publicURL: String

    /// - Parameter publicURL: where people reach this server, such as `https://sextant.example.com`.
    public init(jobs: JobStore, publicURL: String) {
        self.jobs = jobs
        self.publicURL = publicURL
    }

    func sendCompletion(of order: ExportOrder, jobID: String, files: [ExportFile]) async throws {
        let rows = files.reduce(0) { $0 + $1.rowCount }
        let list = files.map { "  \($0.name)  \($0.rowCount) rows" }.joined(separator: "\n")
        try await send(
            to: order, jobID: jobID, subject: "Your export is ready",
            text: """
                The export of \(order.stream.appToken) from \(order.request.from) to \(order.request.to) is ready: \
                \(rows) rows in \(files.count) files.

                \(list)

                Get the links with your API key, within two days, from
                \(address(of: jobID))
                """)
    }

    func sendFailure(of order: ExportOrder, jobID: String, reason: String) async throws {
        try await send(
            to: order, jobID: jobID, subject: "Your export failed",
            text: """
                The export of \(order.stream.appToken) from \(order.request.from) to \(order.request.to) failed:
                \(reason)

                \(address(of: jobID))
                """)
    }

    /// The links are in the message: whoever has it may fetch the files until they end.
    func sendCompletion(of request: ExperimentExportRequest, files: [Export.Link], manifest: String) async throws {
        let rows = files.reduce(0) { $0 + $1.file.rowCount }
        let list = files.map { "\($0.file.name)  \($0.file.rowCount) rows\n\(absolute($0.url))" }
        let text = """
            The export of the events of experience \(request.experienceID) is ready: \(rows) rows in \(files.count) files. \
            The links end after two days.

            \((list + ["manifest\n\(absolute(manifest))"]).joined(separator: "\n\n"))
            """
        for email in request.emails {
            try await jobs.enqueue(
                NewJob(
                    kind: MailJobHandler.kind, environmentID: nil, holder: .project(request.projectID),
                    payload: MailOrder(to: email, subject: "Your export is ready", text: text)))
        }
    }

    private func absolute(_ url: String) -> String { url.hasBytePrefix("/") ? publicURL + url : url }

    private func address(of jobID: String) -> String {
        "\(publicURL)/api/v1/analytics/exports/jobs/\(jobID)"
    }

    private func send(to order: ExportOrder, jobID: String, subject: String, text: String) async throws {
        for address in order.request.emails {
            try await jobs.enqueue(
                NewJob(
                    kind: MailJobHandler.kind, environmentID: order.stream.environmentID,
                    payload: MailOrder(to: address, subject: subject, text: text)))
        }
    }
}
