public import JSON

/// A hypothesis (contract schema `Hypothesis`).
public struct HypothesisDocument: NamedDocument {
    public var members: JSONObject

    public init(_ members: JSONObject) { self.members = members }

    /// PIE or ICE: what it is rated by.
    public var prioritizationScoreType: String? { members["prioritization_score_type"]?.string }
    /// How it is rated, by the name of what it is rated by.
    public var prioritizationScoreAttributes: JSONObject {
        members["prioritization_score_attributes"]?.object ?? JSONObject()
    }
    /// The mean of these, as text.
    public var prioritizationScore: String? {
        get { members["prioritization_score"]?.string }
        set { members["prioritization_score"] = newValue.map { .string($0) } }
    }
    /// The day it begins.
    public var startDate: String? { members["start_date"]?.string }
    /// The day it ends.
    public var endDate: String? { members["end_date"]?.string }
}
