/// All compiled schemas of a document; they refer to one another by their place here.
///
/// Filled while the document is loaded, before anybody else can see it, and never changed afterwards.
final class SchemaGraph: @unchecked Sendable {
    private(set) var nodes: ContiguousArray<SchemaNode> = []

    func fill(_ nodes: ContiguousArray<SchemaNode>) { self.nodes = nodes }
}
