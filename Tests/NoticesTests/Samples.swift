@testable import Notices

/// A letter of each kind, with the same in every place that is filled from elsewhere.
enum Samples {
    static func all(_ text: String) -> [any LetterContent] {
        let line = LetterLine(text)
        let file = ExportReadyLetter.File(name: text, rows: 7, url: text)
        return [
            PasswordResetLetter(login: line, code: line, server: line),
            AddressConfirmationLetter(login: line, code: line, server: line),
            LoginChangeLetter(change: line, login: line, server: line),
            InvitationLetter(inviter: line, account: line, message: line, hash: line, server: line),
            NewLoginLetter(account: line, login: line, password: line, server: line),
            AccountOwnershipLetter(author: line, account: line, message: line, server: line),
            ExportReadyLetter(
                application: text, days: (text, text), rows: 7, files: [file, file], address: text, server: text),
            ExportFailedLetter(
                application: text, days: (text, text), reason: text, address: text, server: text),
            ExperimentExportLetter(experience: 3, rows: 7, files: [file, file], manifest: text, server: text),
            AddonRequestLetter(
                addon: text, accountID: 4, account: text, author: text, collaborator: text, email: text, server: text),
        ]
    }
}
