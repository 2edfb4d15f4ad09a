public import JSON

/// A goal (contract schema `Goal`).
public struct GoalDocument: NamedDocument {
    public var members: JSONObject

    public init(_ members: JSONObject) { self.members = members }

    /// The kind; nil for none of the contract's.
    public var type: GoalType? { members["type"]?.string.flatMap(GoalType.init) }
    /// The rules by which it is reached; nil where there are none.
    public var triggeringRule: JSONValue? { members["triggering_rule"] }
    /// What its type needs to know; nil where that is nothing.
    public var settings: JSONValue? { members["settings"].flatMap { $0.object?.isEmpty == false ? $0 : nil } }
}

/// The kinds of goals (contract schema `GoalTypes`).
public enum GoalType: String, Sendable, CaseIterable {
    case advanced
    case visitsPage = "visits_page"
    case revenue
    case clicksLink = "clicks_link"
    case submitsForm = "submits_form"
    case clicksElement = "clicks_element"
    case domInteraction = "dom_interaction"
    case scrollPercentage = "scroll_percentage"
    case gaImport = "ga_import"
    case codeTrigger = "code_trigger"
}
