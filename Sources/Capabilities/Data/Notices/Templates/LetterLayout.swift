import Mustache

/// What all letters have around what they say.
///
/// The HTML names no color but a grey for lines, which is seen on white and on black alike: programs that show mail on black choose
/// those of the text. Nothing is loaded from anywhere.
enum LetterLayout {
    static let compiled: Result<MustacheLibrary, any Error> = Result {
        MustacheContentTypes.register(LetterEscaping(), named: LetterEscaping.name)
        var library = MustacheLibrary()
        library.register(try LetterTemplate.compile(text, as: "TEXT"), named: "text")
        library.register(try LetterTemplate.compile(html, as: LetterEscaping.name), named: "html")
        return library
    }

    private static let text = """
        {{$content}}{{/content}}
        --\u{20}
        Sent by Sextant at {{server}}
        """ + "\n"

    private static let html = """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <meta name="supported-color-schemes" content="light dark">
        <title>{{$title}}{{/title}}</title>
        </head>
        <body style="margin: 0; padding: 24px 16px; color-scheme: light dark;">
        <div style="max-width: 560px; margin: 0 auto; font-family: -apple-system, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif; \
        font-size: 16px; line-height: 1.5; overflow-wrap: anywhere;">
        {{$content}}{{/content}}
        <p style="margin: 32px 0 0; padding: 12px 0 0; border-top: 1px solid #808080; font-size: 13px; opacity: 0.75;">\
        Sent by Sextant at {{server}}</p>
        </div>
        </body>
        </html>
        """ + "\n"

    /// Around what is to be copied, such as a code.
    static let codeStyle =
        "margin: 24px 0; padding: 12px 16px; border: 1px solid #808080; border-radius: 6px; "
        + "font-family: ui-monospace, Menlo, Consolas, monospace; font-size: 16px; overflow-wrap: anywhere;"
    /// Around what somebody says in their own words.
    static let quoteStyle = "margin: 16px 0; padding: 0 0 0 12px; border-left: 3px solid #808080;"
    /// Of a cell in front of its value.
    static let labelStyle =
        "padding: 2px 16px 2px 0; text-align: left; vertical-align: top; opacity: 0.75; font-weight: normal;"
    static let cellStyle = "padding: 2px 0; vertical-align: top;"
}
