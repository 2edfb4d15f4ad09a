package import Identity
package import JSON
package import Time

/// A resource about to be stored, for rules to look at and to complete.
package struct ResourceDraft {
    package let kind: ResourceKind
    package let projectType: ProjectType
    /// Nil for a new one.
    package let old: JSONObject?
    package let oldStatus: String?
    package let now: Timestamp
    package var name: String
    package var status: String?
    /// All members but name, key, status and references.
    package var document: JSONObject
}
