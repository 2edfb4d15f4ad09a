import Contract
import JSON
import Text

/// An interface with what its pages are made of: worked out once, when the first of them is asked for.
struct InterfaceReference: Sendable {
    let interface: ReferenceInterface
    let groups: [OperationGroup]
    let tree: DocumentTree
    let homes: SchemaHomes

    init(_ interface: ReferenceInterface) {
        self.interface = interface
        groups = OperationGroup.all(of: interface.contract)
        tree = DocumentTree(interface.contract)
        homes = SchemaHomes(tree, groups)
    }

    var name: String { interface.contract.name }
    var title: String { interface.contract.title }
    /// Where its pages begin, such as `/docs/convert`.
    var address: String { "/docs/\(name)" }
    var hasSharedSchemas: Bool { !homes.schemas(at: .shared).isEmpty }

    var description: String { interface.contract.tree["info"]?["description"]?.string ?? "" }

    func schemas(on page: String) -> SchemaView {
        SchemaView(tree: tree, homes: homes, base: address, page: page)
    }

    // MARK: Pages

    /// What the interface is for, and its operations, one a line.
    var overview: HTML {
        let lists = groups.map { group -> HTML in
            let lines = group.operations.map { operation -> HTML in
                let isServed = !interface.unserved.contains(operation.operationId)
                return """
                    <li><a href="\(address)/\(group.slug)#\(operation.operationId)">\(OperationView.heading(operation))</a>\
                    \(OperationView.mark(isServed: isServed))</li>
                    """
            }
            let about: HTML = group.description.isEmpty ? "" : "<p>\(prose: group.description)</p>"
            return """
                <section><h2><a href="\(address)/\(group.slug)">\(group.title)</a></h2>\(about)\
                <ul class="operations">\(lines.joined())</ul></section>
                """
        }
        return """
            <h1>\(title)</h1><p>\(prose: description)</p>\(credentials)<p>The same for programs: \
            <a href="/openapi/\(name).yaml">/openapi/\(name).yaml</a> (OpenAPI), from which clients can be generated.</p>\
            \(lists.joined())
            """
    }

    /// The ways to prove who calls that its operations take.
    var credentials: HTML {
        let all = interface.contract.operations.flatMap {
            Callers(names: interface.callers[$0.operationId] ?? []).credentials
        }
        let items = Credential.allCases.filter { $0 != .none && all.contains($0) }.map(Self.credential)
        return items.isEmpty ? "" : "<dl class=\"credentials\">\(items.joined())</dl>"
    }

    private static func credential(_ credential: Credential) -> HTML {
        guard let (name, value) = credential.header else { return "" }
        return """
            <dt>\(credential.title)</dt><dd><code>\(name): \(OperationView.code(value, credential))</code>\
            <p>\(prose: credential.explanation)</p></dd>
            """
    }

    /// The operations of a group in full.
    func page(of group: OperationGroup) -> HTML {
        let schemas = schemas(on: group.slug)
        let operations = group.operations.map { operation in
            OperationView(
                interface: interface, tree: tree, schemas: schemas,
                ownSchemas: homes.schemas(at: .operation("\(group.slug)/\(operation.operationId)")),
                operation: operation
            ).html
        }
        let named = homes.schemas(at: .group(group.slug)).map(schemas.definition).joined()
        let section: HTML = named.text.isEmpty ? "" : "<h2 id=\"schemas\">Schemas</h2>\(named)"
        let about: HTML = group.description.isEmpty ? "" : "<p>\(prose: group.description)</p>"
        return """
            <p class="trail"><a href="\(address)">\(title)</a></p><h1>\(group.title)</h1>\(about)\(Self.languages)\
            \(operations.joined())\(section)
            """
    }

    /// Which language requests are shown in: works without scripts.
    private static var languages: HTML {
        let items = RequestExample.languages.enumerated().map { position, language -> HTML in
            let checked: HTML = position == 0 ? " checked" : ""
            return """
                <input type="radio" name="language" id="language-\(language.id)" value="\(language.id)"\(checked)>\
                <label for="language-\(language.id)">\(language.title)</label>
                """
        }
        return """
            <div class="languages" role="radiogroup" aria-label="Language of the examples"><span>Examples in</span>\
            \(items.joined())</div>
            """
    }

    /// The schemas that several groups need.
    var sharedSchemas: HTML {
        let schemas = schemas(on: "schemas")
        let named = homes.schemas(at: .shared).map(schemas.definition).joined()
        return """
            <p class="trail"><a href="\(address)">\(title)</a></p><h1>Schemas</h1><p>What several groups of operations \
            need. All others stand with the operations that need them.</p>\(named)
            """
    }
}
