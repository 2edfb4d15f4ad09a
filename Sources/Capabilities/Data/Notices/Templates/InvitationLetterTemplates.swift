/// To who is asked into an account.
package struct InvitationLetter: LetterContent {
    let inviter: LetterLine
    let account: LetterLine
    let message: LetterLine?
    let hash: LetterLine
    let server: LetterLine

    package static let template = LetterTemplate(
        subject: "An invitation to Sextant",
        text: """
            {{inviter}} asks you to work in the account "{{account}}" at {{server}}.

            {{#message}}
            {{inviter}} says: {{message}}

            {{/message}}
            What accepts the invitation is good for seven days, and once:

              {{hash}}

            If you do not know who asks, there is nothing to do.
            """,
        html: """
            <p><b>{{inviter}}</b> asks you to work in the account "<b>{{account}}</b>" at {{server}}.</p>
            {{#message}}
            <p style="\(LetterLayout.quoteStyle)">{{inviter}} says: {{message}}</p>
            {{/message}}
            <p>What accepts the invitation is good for seven days, and once:</p>
            <p style="\(LetterLayout.codeStyle)">{{hash}}</p>
            <p>If you do not know who asks, there is nothing to do.</p>
            """)
}

/// To who has accepted an invitation and had no login before.
package struct NewLoginLetter: LetterContent {
    let account: LetterLine
    let login: LetterLine
    let password: LetterLine
    let server: LetterLine

    package static let template = LetterTemplate(
        subject: "Your login for Sextant",
        text: """
            You may work in the account "{{account}}" at {{server}} now. Your login is {{login}}, and its password,
            which is to be changed at the first login and good for seven days:

              {{password}}

            After that, ask for a new one there as if it was forgotten.
            """,
        html: """
            <p>You may work in the account "<b>{{account}}</b>" at {{server}} now. Your login is <b>{{login}}</b>, and its password,
            which is to be changed at the first login and good for seven days:</p>
            <p style="\(LetterLayout.codeStyle)">{{password}}</p>
            <p>After that, ask for a new one there as if it was forgotten.</p>
            """)
}

/// To whom a sub-account was made for.
package struct AccountOwnershipLetter: LetterContent {
    let author: LetterLine
    let account: LetterLine
    let message: LetterLine?
    let server: LetterLine

    package static let template = LetterTemplate(
        subject: "An account at Sextant is yours",
        text: """
            {{author}} has made the account "{{account}}" at {{server}}, and you own it.
            {{#message}}

            {{author}} says: {{message}}
            {{/message}}
            """,
        html: """
            <p><b>{{author}}</b> has made the account "<b>{{account}}</b>" at {{server}}, and you own it.</p>
            {{#message}}
            <p style="\(LetterLayout.quoteStyle)">{{author}} says: {{message}}</p>
            {{/message}}
            """)
}
