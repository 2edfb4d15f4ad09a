/// To who has forgotten the password.
package struct PasswordResetLetter: LetterContent {
    let login: LetterLine
    let code: LetterLine
    let server: LetterLine

    package static let template = LetterTemplate(
        subject: "A new password for Sextant",
        text: """
            Somebody, most likely you, wants to set a new password for the login {{login}} at {{server}}.

            The code for it is good for ten minutes, and once:

              {{code}}

            If it was not you, there is nothing to do: without the code nothing changes.
            """,
        html: """
            <p>Somebody, most likely you, wants to set a new password for the login <b>{{login}}</b> at {{server}}.</p>
            <p>The code for it is good for ten minutes, and once:</p>
            <p style="\(LetterLayout.codeStyle)">{{code}}</p>
            <p>If it was not you, there is nothing to do: without the code nothing changes.</p>
            """)
}

/// To an address that somebody wants to log in with.
package struct AddressConfirmationLetter: LetterContent {
    let login: LetterLine
    let code: LetterLine
    let server: LetterLine

    package static let template = LetterTemplate(
        subject: "Confirm your address for Sextant",
        text: """
            The login {{login}} at {{server}} is to have this address. The code that confirms it is good for
            ten minutes, and once:

              {{code}}

            If it was not you, there is nothing to do: without the code nothing changes.
            """,
        html: """
            <p>The login <b>{{login}}</b> at {{server}} is to have this address. The code that confirms it is good for
            ten minutes, and once:</p>
            <p style="\(LetterLayout.codeStyle)">{{code}}</p>
            <p>If it was not you, there is nothing to do: without the code nothing changes.</p>
            """)
}

/// To whose login has just been changed.
package struct LoginChangeLetter: LetterContent {
    let change: LetterLine
    let login: LetterLine
    let server: LetterLine

    package static let template = LetterTemplate(
        subject: "Your Sextant login was changed",
        text: """
            {{change}}

            It is about the login {{login}} at {{server}}. If it was not you, set a new password, and tell whoever runs
            the server.
            """,
        html: """
            <p>{{change}}</p>
            <p>It is about the login <b>{{login}}</b> at {{server}}. If it was not you, set a new password, and tell whoever runs
            the server.</p>
            """)
}
