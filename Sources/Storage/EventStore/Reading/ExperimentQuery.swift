public import Time

/// Which experiment events of one experience are counted, and how.
///
/// A visitor belongs to the variation that they saw. Who saw more than one before `end` is left out. A visitor counts when
/// their first view lies in the range, and what they did counts from that view on, up to the end of the range.
public struct ExperimentQuery: Sendable, Equatable {
    public var projectID: Int64
    public var experienceID: Int64
    /// Visitors of others are left out.
    public var variationIDs: [Int64]
    /// Events of others are left out.
    public var goalIDs: [Int64]
    /// First views from here on.
    public var start = Timestamp.earliest
    /// First views and events before this.
    public var end = Timestamp.latest
    public var segments = ExperimentSegments()
    /// Bounds of the amount of one order.
    public var revenueBounds = AmountBounds.none
    /// Bounds of the products of one order.
    public var productsBounds = AmountBounds.none
    /// Rising times that cut the range into periods, by which new visitors are told apart.
    public var boundaries: [Timestamp] = []

    public init(projectID: Int64, experienceID: Int64, variationIDs: [Int64], goalIDs: [Int64]) {
        self.projectID = projectID
        self.experienceID = experienceID
        self.variationIDs = variationIDs
        self.goalIDs = goalIDs
    }
}

/// What visitors must have been at their first view. An empty list asks for nothing; of a list, one is enough.
public struct ExperimentSegments: Sendable, Equatable {
    public var devices: [String] = []
    public var browsers: [String] = []
    public var countries: [String] = []
    public var visitorTypes: [String] = []
    public var campaigns: [String] = []
    public var sources: [String] = []
    public var customSegments: [Int64] = []

    public init() {}
}

/// Where amounts beyond are brought to: each is what it is, or the bound.
public enum AmountBounds: Sendable, Equatable {
    case none
    /// In the amount's own unit.
    case values(least: Double?, most: Double?)
    /// Percentiles, from 0 to 100, of the amounts that are not zero, of all variations together, of a goal.
    case percentiles(least: Double?, most: Double?)
}
