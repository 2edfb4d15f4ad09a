import Contract
import JSON
import Synchronization
import Text

/// The reference of the interfaces, as pages for people: each operation with what it takes and answers, its schemas, and
/// examples of it. Pages are made when they are asked for.
///
/// | Page | Shows |
/// |---|---|
/// | `/docs` | what the interfaces are for, and how callers prove who they are |
/// | `/docs/NAME` | one interface: its operations, one a line |
/// | `/docs/NAME/GROUP` | a group of operations in full, with the schemas that only they need |
/// | `/docs/NAME/schemas` | the schemas that several groups need |
/// | `/docs/search.json` | what the search looks through |
public final class Reference: Sendable {
    private let interfaces: @Sendable () -> [ReferenceInterface]
    private let prepared = Mutex<[InterfaceReference]?>(nil)

    /// A reference of these interfaces, in this order.
    /// - Parameter interfaces: asked when the first page is.
    public init(_ interfaces: @escaping @Sendable () -> [ReferenceInterface]) {
        self.interfaces = interfaces
    }

    /// The page at an address below `/docs`, such as `/docs/convert/goals`; nil where there is none.
    public func page(at path: String) -> ReferencePage? {
        let parts = path.split(byte: "/").dropFirst()
        if let name = parts.first, parts.count == 1, let asset = ReferencePage.asset(name) { return asset }
        let all = references
        switch parts.count {
        case 0: return .html(frame(all, nil, "", "").html(StartPage(interfaces: all).html))
        case 1 where parts.first == "search.json": return .json(SearchIndex(interfaces: all).bytes)
        case 1...2:
            guard let name = parts.first, let interface = all.first(where: { $0.name.hasSameBytes(as: name) }) else {
                return nil
            }
            return page(parts.count == 2 ? parts.last ?? "" : "", of: interface, all)
        default: return nil
        }
    }

    private func page(_ slug: String, of interface: InterfaceReference, _ all: [InterfaceReference]) -> ReferencePage? {
        if slug.isEmpty { return .html(frame(all, interface, slug, interface.title).html(interface.overview)) }
        if slug == "schemas", interface.hasSharedSchemas {
            return .html(frame(all, interface, slug, "Schemas · \(interface.title)").html(interface.sharedSchemas))
        }
        guard let group = interface.groups.first(where: { $0.slug.hasSameBytes(as: slug) }) else { return nil }
        let title = "\(group.title) · \(interface.title)"
        return .html(frame(all, interface, slug, title).html(interface.page(of: group)))
    }

    private func frame(
        _ all: [InterfaceReference], _ current: InterfaceReference?, _ page: String, _ title: String
    ) -> PageFrame {
        PageFrame(interfaces: all, current: current, page: page, title: title)
    }

    private var references: [InterfaceReference] {
        prepared.withLock { prepared in
            if let known = prepared { return known }
            let made = interfaces().map(InterfaceReference.init)
            prepared = made
            return made
        }
    }
}
