/// To whoever runs the server, when an account wants something besides.
package struct AddonRequestLetter: LetterContent {
    let addon: LetterLine
    let accountID: LetterLine
    let account: LetterLine
    let author: LetterLine
    let collaborator: LetterLine?
    let email: LetterLine?
    let server: LetterLine

    /// - Parameters:
    ///   - addon: as the contract names it.
    ///   - author: who says so.
    ///   - collaborator: the name of whom it is for; nil where it is for nobody.
    ///   - email: their address.
    package init(
        addon: String, accountID: Int64, account: String, author: String, collaborator: String?, email: String?,
        server: String
    ) {
        self.addon = LetterLine(addon)
        self.accountID = LetterLine(accountID)
        self.account = LetterLine(account)
        self.author = LetterLine(author)
        self.collaborator = collaborator.map(LetterLine.init)
        self.email = email.map(LetterLine.init)
        self.server = LetterLine(server)
    }

    package static let template = LetterTemplate(
        subject: "Sextant: account {{accountID}} asks for an add-on",
        text: """
            Somebody asks for an add-on.

            Add-on:  {{addon}}
            Account: {{accountID}}, {{account}}
            By:      {{author}}
            {{#collaborator}}
            For:     {{collaborator}}
            {{/collaborator}}
            {{#email}}
            Address: {{email}}
            {{/email}}
            """,
        html: """
            <p>Somebody asks for an add-on.</p>
            <table role="presentation" style="border-collapse: collapse;">
            <tr><th style="\(LetterLayout.labelStyle)">Add-on:</th><td style="\(LetterLayout.cellStyle)">{{addon}}</td></tr>
            <tr><th style="\(LetterLayout.labelStyle)">Account:</th>\
            <td style="\(LetterLayout.cellStyle)">{{accountID}}, {{account}}</td></tr>
            <tr><th style="\(LetterLayout.labelStyle)">By:</th><td style="\(LetterLayout.cellStyle)">{{author}}</td></tr>
            {{#collaborator}}
            <tr><th style="\(LetterLayout.labelStyle)">For:</th><td style="\(LetterLayout.cellStyle)">{{collaborator}}</td></tr>
            {{/collaborator}}
            {{#email}}
            <tr><th style="\(LetterLayout.labelStyle)">Address:</th><td style="\(LetterLayout.cellStyle)">{{email}}</td></tr>
            {{/email}}
            </table>
            """)
}
