import Identity
import JSON
import Time

/// A resource about to be stored, for rules to look at and to complete.
struct ResourceDraft {
    let kind: ResourceKind
    let projectType: ProjectType
    /// Nil for a new one.
    let old: JSONObject?
    let oldStatus: String?
    let now: Timestamp
    var name: String
    var status: String?
    /// All members but name, key, status and references.
    var document: JSONObject
}
