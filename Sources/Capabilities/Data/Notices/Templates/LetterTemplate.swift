import Mustache

/// What one kind of letter says. Its members are what its template names.
package protocol LetterContent: Sendable {
    static var template: LetterTemplate { get }
}

extension LetterContent {
    /// - Throws: ``LetterError`` when the template is at fault, which the tests of this room find.
    package func letter() throws(LetterError) -> Letter { try Self.template.render(self) }
}

/// How letters of one kind are written: Mustache for the subject, the text and the HTML, compiled once.
///
/// `{{name}}` is a member of the content, escaped in the HTML; `{{#name}}…{{/name}}` is left out where it is nil, and repeated where
/// it is a list. Text and HTML say the same; both end as ``LetterLayout`` has it.
package struct LetterTemplate: Sendable {
    private struct Parts: Sendable {
        let subject: MustacheTemplate
        let text: MustacheTemplate
        let html: MustacheTemplate
        let layout: MustacheLibrary
    }

    private let parts: Result<Parts, LetterError>

    /// - Parameters:
    ///   - text: paragraphs, with an empty line between them.
    ///   - html: what stands in the body.
    init(subject: String, text: String, html: String) {
        parts = Result { () throws(LetterError) in
            do {
                let layout = try LetterLayout.compiled.get()
                return Parts(
                    subject: try Self.compile(subject, as: "TEXT"),
                    text: try Self.compile("{{<text}}{{$content}}\n\(text)\n{{/content}}{{/text}}", as: "TEXT"),
                    html: try Self.compile(
                        "{{<html}}{{$title}}\(subject){{/title}}{{$content}}\n\(html)\n{{/content}}{{/html}}",
                        as: LetterEscaping.name),
                    layout: layout)
            } catch {
                throw LetterError(description: "a letter has no template: \(error)")
            }
        }
    }

    /// - Throws: what is wrong with the template.
    func render(_ content: any LetterContent) throws(LetterError) -> Letter {
        let parts = try parts.get()
        return Letter(
            subject: parts.subject.render(content, library: parts.layout),
            text: parts.text.render(content, library: parts.layout),
            html: parts.html.render(content, library: parts.layout))
    }

    /// - Parameter contentType: how what it is given is escaped.
    static func compile(_ source: String, as contentType: String) throws -> MustacheTemplate {
        try MustacheTemplate(string: "{{%CONTENT_TYPE:\(contentType)}}\(source)")
    }
}

/// What is wrong with a template.
package struct LetterError: Error, CustomStringConvertible {
    package let description: String
}
