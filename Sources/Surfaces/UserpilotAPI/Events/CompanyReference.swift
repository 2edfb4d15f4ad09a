import Events
import JSON

/// The company that an event names: `company_id`, or `company` with `company_id` or `id` (vendor and clients differ).
struct CompanyReference {
    let id: JSONNode
    private let company: JSONNode?

    /// Nil when the event names no company.
    init?(_ members: borrowing EventMembers, limits: IngestionLimits) throws(EventRejection) {
        guard let company = members[.company], !company.isVoid, !Self.namesNobody(company) else {
            guard let id = members[.companyID], !id.isString("") else { return nil }
            _ = try EventText.text(id, "company_id", limits)
            self.id = id
            self.company = nil
            return
        }
        guard company.kind == .object else {
            throw EventRejection(.wrongType, field: "company", "company must be an object, got \(company.kind.phrase).")
        }
        guard let id = Self.identifiers(company).first ?? members[.companyID] else {
            throw EventRejection(.missingField, field: "company.company_id", "company must have a company_id (or id).")
        }
        _ = try EventText.text(id, "company.company_id", limits)
        self.id = id
        self.company = company
    }

    /// Whether the event takes its user out of their company: a `company` with nothing but an id that is null. One that
    /// is an empty text says nothing: a form cannot say null.
    static func leaves(_ members: borrowing EventMembers) -> Bool {
        guard let company = members[.company], !company.isVoid, namesNobody(company) else { return false }
        return company.members.allSatisfy { $0.value.isNull } && members[.companyID].map { $0.isString("") } ?? true
    }

    /// Whether an object holds nothing but ids that are none.
    private static func namesNobody(_ company: JSONNode) -> Bool {
        company.kind == .object
            && company.members.allSatisfy { member in
                (member.key == "company_id" || member.key == "id") && (member.value.isNull || member.value.isString(""))
            }
    }

    /// The ids that a company has; null and empty ones are none.
    private static func identifiers(_ company: JSONNode) -> [JSONNode] {
        [company["company_id"], company["id"]].compactMap { $0 }.filter { !$0.isNull && !$0.isString("") }
    }

    /// What `company` says besides its id, as an object of its own; nil when that is nothing.
    func properties() throws(EventRejection) -> JSONNode? {
        guard let company else { return nil }
        var writer = JSONWriter()
        var count = 0
        writer.beginObject()
        for member in company.members where !member.value.hasKey("company_id") && !member.value.hasKey("id") {
            member.value.withKeyUTF8 { writer.key(utf8: $0) }
            writer.node(member.value)
            count += 1
        }
        writer.endObject()
        guard count > 0 else { return nil }
        do {
            return try JSONDocument(parsing: writer.bytes).root
        } catch {
            throw EventRejection(.malformed, field: "company", error.message)
        }
    }
}

extension JSONNode {
    /// Whether it is an empty map, which PHP writes as an empty array and a form as an empty text.
    var isVoid: Bool { ((kind == .object || kind == .array) && count == 0) || isString("") }
}
