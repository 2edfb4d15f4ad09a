import ControlStore
import EventStore
import JSON
import Time

/// A goal that a product event has reached.
struct ReachedGoal: Sendable, Equatable {
    let projectID: Int64
    let environmentID: Int64
    let userID: String?
    /// As the event itself says.
    let visitorID: String?
    let occurredAt: Timestamp
    let receivedAt: Timestamp
    let conversion: TrackingBatch.Conversion

    private static let maximumTransactionIDBytes = 255

    /// - Parameter properties: the event's, of which some become the goal's values.
    init(_ goalID: Int64, _ event: EventView, _ properties: JSONObject) {
        projectID = event.projectID
        environmentID = event.environmentID
        userID = event[.userID]
        visitorID = properties[JoinedVisitors.property].flatMap(JoinedVisitors.visitorID)
        occurredAt = event.occurredAt
        receivedAt = event.receivedAt
        var conversion = TrackingBatch.Conversion(goalID: goalID)
        conversion.revenue = Self.number(properties["amount"]) ?? Self.number(properties["revenue"])
        conversion.productsCount = Self.number(properties["products_count"]).flatMap {
            Int64(exactly: $0.rounded(.towardZero))
        }
        if let id = properties["transaction_id"]?.idText, id.utf8.count <= Self.maximumTransactionIDBytes {
            conversion.transactionID = id
        }
        // What is no number leaves a plain conversion.
        self.conversion = TrackingBatch.Conversion(
            goalID: goalID, revenue: conversion.revenue, productsCount: conversion.productsCount,
            transactionID: conversion.transactionID)
    }

    /// Clients send numbers, and some numbers as text.
    private static func number(_ value: JSONValue?) -> Double? {
        guard let number = value?.double ?? value?.string.flatMap(DecimalText.number), number.isFinite else {
            return nil
        }
        return number
    }
}

/// Reached goals wait in a table of the control store until they are counted.
extension ReachedGoal {
    /// - Throws: `UnreadableColumn` for a row that this version has not written.
    init(row: Row) throws {
        projectID = try row.read("project_id")
        environmentID = try row.read("environment_id")
        userID = try row.read("user_id")
        visitorID = try row.read("visitor_id")
        occurredAt = try row.read("occurred_at")
        receivedAt = try row.read("received_at")
        conversion = TrackingBatch.Conversion(
            goalID: try row.read("goal_id"), revenue: try row.read("revenue"),
            productsCount: try row.read("products_count"), transactionID: try row.read("transaction_id"))
    }

    /// One of an environment that is gone is nobody's.
    func insert(into database: Database) throws {
        try database.prepare(
            """
            INSERT INTO reached_goals
                (environment_id, project_id, goal_id, user_id, visitor_id, occurred_at, received_at, revenue,
                products_count, transaction_id)
            SELECT id, project_id, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9 FROM environments WHERE id = ?1
            """
        ).execute(arguments: [
            environmentID, conversion.goalID, userID, visitorID, occurredAt, receivedAt, conversion.revenue,
            conversion.productsCount, conversion.transactionID,
        ])
    }
}

extension JSONValue {
    /// A text that is not empty, or a whole number, as an id.
    var idText: String? {
        switch self {
        case .string(let text): text.isEmpty ? nil : text
        case .integer, .double: int64.map(String.init)
        default: nil
        }
    }
}
