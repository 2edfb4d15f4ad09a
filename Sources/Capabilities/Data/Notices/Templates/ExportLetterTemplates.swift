/// To those who are named in an export of events.
package struct ExportReadyLetter: LetterContent {
    /// A file of an export.
    package struct File: Sendable {
        let name: LetterLine
        let rows: LetterLine
        let url: LetterLine?

        /// - Parameter url: where it lies; nil when that is to be asked for.
        package init(name: String, rows: Int, url: String? = nil) {
            self.name = LetterLine(name)
            self.rows = LetterLine(rows)
            self.url = url.map(LetterLine.init)
        }
    }

    let application: LetterLine
    let from: LetterLine
    let to: LetterLine
    let rows: LetterLine
    let count: LetterLine
    let files: [File]
    let address: LetterLine
    let server: LetterLine

    /// - Parameters:
    ///   - days: the first and the last.
    ///   - rows: of all files.
    ///   - address: where the links are.
    package init(
        application: String, days: (first: String, last: String), rows: Int, files: [File], address: String,
        server: String
    ) {
        self.application = LetterLine(application)
        from = LetterLine(days.first)
        to = LetterLine(days.last)
        self.rows = LetterLine(rows)
        count = LetterLine(files.count)
        self.files = files
        self.address = LetterLine(address)
        self.server = LetterLine(server)
    }

    package static let template = LetterTemplate(
        subject: "Your export is ready",
        text: """
            The export of {{application}} from {{from}} to {{to}} is ready: {{rows}} rows in {{count}} files.

            {{#files}}
              {{name}}  {{rows}} rows
            {{/files}}

            Get the links with your API key, within two days, from
            {{address}}
            """,
        html: """
            <p>The export of <b>{{application}}</b> from {{from}} to {{to}} is ready: {{rows}} rows in {{count}} files.</p>
            <table role="presentation" style="border-collapse: collapse;">
            {{#files}}
            <tr><td style="\(LetterLayout.cellStyle) padding-right: 16px;">{{name}}</td>
            <td style="\(LetterLayout.cellStyle) text-align: right; white-space: nowrap;">{{rows}} rows</td></tr>
            {{/files}}
            </table>
            <p>Get the links with your API key, within two days, from
            <a href="{{address}}">{{address}}</a></p>
            """)
}

/// To those who are named in an export of events that failed.
package struct ExportFailedLetter: LetterContent {
    let application: LetterLine
    let from: LetterLine
    let to: LetterLine
    let reason: LetterLine
    let address: LetterLine
    let server: LetterLine

    /// - Parameters:
    ///   - days: the first and the last.
    ///   - address: where the job is.
    package init(
        application: String, days: (first: String, last: String), reason: String, address: String, server: String
    ) {
        self.application = LetterLine(application)
        from = LetterLine(days.first)
        to = LetterLine(days.last)
        self.reason = LetterLine(reason)
        self.address = LetterLine(address)
        self.server = LetterLine(server)
    }

    package static let template = LetterTemplate(
        subject: "Your export failed",
        text: """
            The export of {{application}} from {{from}} to {{to}} failed:
            {{reason}}

            {{address}}
            """,
        html: """
            <p>The export of <b>{{application}}</b> from {{from}} to {{to}} failed:</p>
            <p style="\(LetterLayout.quoteStyle)">{{reason}}</p>
            <p><a href="{{address}}">{{address}}</a></p>
            """)
}

/// To those who are named in an export of what visitors did in an experience. The links are in the letter: whoever has it may
/// fetch the files until they end.
package struct ExperimentExportLetter: LetterContent {
    let experience: LetterLine
    let rows: LetterLine
    let count: LetterLine
    let files: [ExportReadyLetter.File]
    let manifest: LetterLine
    let server: LetterLine

    /// - Parameters:
    ///   - rows: of all files.
    ///   - files: each with where it lies.
    ///   - manifest: where the list of them lies.
    package init(experience: Int64, rows: Int, files: [ExportReadyLetter.File], manifest: String, server: String) {
        self.experience = LetterLine(experience)
        self.rows = LetterLine(rows)
        count = LetterLine(files.count)
        self.files = files
        self.manifest = LetterLine(manifest)
        self.server = LetterLine(server)
    }

    package static let template = LetterTemplate(
        subject: "Your export is ready",
        text: """
            The export of the events of experience {{experience}} is ready: {{rows}} rows in {{count}} files. \
            The links end after two days.

            {{#files}}
            {{name}}  {{rows}} rows
            {{url}}

            {{/files}}
            manifest
            {{manifest}}
            """,
        html: """
            <p>The export of the events of experience {{experience}} is ready: {{rows}} rows in {{count}} files. \
            The links end after two days.</p>
            <table role="presentation" style="border-collapse: collapse;">
            {{#files}}
            <tr><td style="\(LetterLayout.cellStyle) padding-right: 16px;"><a href="{{url}}">{{name}}</a></td>
            <td style="\(LetterLayout.cellStyle) text-align: right; white-space: nowrap;">{{rows}} rows</td></tr>
            {{/files}}
            </table>
            <p><a href="{{manifest}}">manifest</a></p>
            """)
}
