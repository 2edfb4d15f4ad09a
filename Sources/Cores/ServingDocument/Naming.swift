import JSON
import ProjectDocuments

/// What things are called in a document: their names and keys, or ids in their place when the project hides names
/// (`settings.data_anonymization`).
///
/// The contract puts ids in place of the names of experiences, variations, segments and goals, and of the project. No
/// SDK decides by any name, so that the names of all other things are hidden as well. Keys stay in fullstack projects,
/// where code calls things by them. In web projects nothing does, and keys, being made from names, would tell them:
/// there they become ids too.
struct Naming: Sendable {
    let isFullstack: Bool
    private let isAnonymous: Bool
    private let madeKeys: [Kind: [Int64: String]]

    /// What has no key in the management interface and needs one in the document: SDKs select segments by key.
    enum Kind: String, Sendable {
        case audience
        case location
    }

    private static let maximumKeyLength = 32

    init(_ project: ServedProject) {
        isFullstack = project.project.isFullstack
        isAnonymous = project.project.settings.dataAnonymization
        // Made of all there are and not of those that are served, so that no request's answer changes a key.
        madeKeys = [
            .audience: Self.keys(of: project.audiences, .audience),
            .location: Self.keys(of: project.locations, .location),
        ]
    }

    /// The name of something that has an id.
    func name(of resource: some NamedDocument) -> JSONValue {
        let id = JSONValue.string(resource.idText)
        return isAnonymous ? id : resource.members["name"] ?? id
    }

    /// The name of a page of a multipage experience, whose id is a short text.
    func name(ofPage page: ExperiencePage) -> JSONValue? {
        page.members[isAnonymous ? "id" : "name"]
    }

    /// The key of something that the management interface shows one of.
    func key(of resource: some NamedDocument) -> String {
        if isAnonymous, !isFullstack { return resource.idText }
        return resource.key ?? resource.idText
    }

    /// The key of an audience, a segment or a location.
    func key(of resource: some NamedDocument, _ kind: Kind) -> String {
        if isAnonymous, !isFullstack { return resource.idText }
        return resource.id.flatMap { madeKeys[kind]?[$0] } ?? resource.idText
    }

    /// Keys by id: given ones, and the words of the name joined by hyphens for the others. Of several with the same
    /// words the oldest has them alone and the others with their id, so that a new one changes no key.
    private static func keys(of resources: [some NamedDocument], _ kind: Kind) -> [Int64: String] {
        var keys: [Int64: String] = [:]
        for resource in resources {
            if let id = resource.id, let key = resource.key { keys[id] = key }
        }
        var taken = Set(keys.values)
        for resource in resources.byID {
            guard let id = resource.id, keys[id] == nil else { continue }
            var key = words(of: resource.name ?? "")
            if key.isEmpty { key = "\(kind.rawValue)-\(id)" }
            while !taken.insert(key).inserted { key += "-\(id)" }
            keys[id] = key
        }
        return keys
    }

    private static func words(of name: String) -> String {
        let words = name.lowercased().split { !$0.isLetter && !$0.isNumber }.joined(separator: "-")
        var cut = String(String.UnicodeScalarView(words.unicodeScalars.prefix(maximumKeyLength)))
        while cut.hasSuffix("-") { cut.removeLast() }
        return cut
    }
}
