import Foundation
import Identity
package import JSON
import ProjectDocuments
import ServingDocument
import Text

/// What must hold for resources beyond the contract's schemas, and what is computed from them.
package enum Rules {
    static let featuresAreForFullstack: ResourceDescription.Rule = { draft in
        guard draft.projectType != .fullstack else { return }
        throw ExperimentsError.invalid("project_id", "Features belong to fullstack projects; this one is of type web.")
    }

    /// Keys are unique within the feature; default values have the type of their variable. What has not changed stays as it is.
    static let featureVariables: ResourceDescription.Rule = { draft in
        guard draft.document["variables"] != draft.old?["variables"] else { return }
        var keys: Set<ClientText> = []
        var findings: [ExperimentsError.Finding] = []
        for (index, variable) in FeatureDocument(draft.document).variables.enumerated() {
            let key = variable.key ?? ""
            if key.isEmpty || !keys.insert(ClientText(key)).inserted {
                let field = "variables[\(index)].key"
                findings.append(.init(field: field, message: "\(field) must be given, and unique within the feature."))
            }
            if let value = variable.defaultValue, let problem = problem(of: value, type: variable.type) {
                let field = "variables[\(index)].default_value"
                findings.append(.init(field: field, message: "\(field) \(problem)."))
            }
        }
        if !findings.isEmpty { throw ExperimentsError.invalid(findings) }
    }

    /// What is wrong with the value of a variable, as the end of a sentence about it; nil when nothing is.
    package static func problem(of value: JSONValue, type: String) -> String? {
        let size = value.encoded().count
        guard size <= FeatureValue.maximumBytes else {
            return "takes \(size) bytes as JSON; at most \(FeatureValue.maximumBytes) are allowed"
        }
        guard let meant = FeatureValue.read(value, type: type) else {
            return type == "json"
                ? "must be a JSON value, or JSON as text: a value that is a text stands in quotes of its own"
                : "must be a value of type \(type)"
        }
        guard FeatureValue.depth(of: meant) <= FeatureValue.maximumDepth else {
            return "must not be nested more than \(FeatureValue.maximumDepth) levels deep"
        }
        return nil
    }

    /// The mean of the model's three attributes (PIE: potential, importance, ease; ICE: impact, confidence, ease), with
    /// two decimals; attributes that are not given count as zero.
    static let prioritizationScore: ResourceDescription.Rule = { draft in
        var hypothesis = HypothesisDocument(draft.document)
        let model = hypothesis.prioritizationScoreType
        let names = model == "ICE" ? ["impact", "confidence", "ease"] : ["potential", "importance", "ease"]
        let attributes = hypothesis.prioritizationScoreAttributes
        if let unknown = attributes.keys.first(where: { !names.contains($0) }) {
            let field = "prioritization_score_attributes.\(unknown)"
            throw ExperimentsError.invalid(
                field, "\(field) is none of \(model ?? "PIE"): it has \(names.joined(separator: ", ")).")
        }
        let sum = names.reduce(0) { $0 + (attributes[$1]?.double ?? 0) }
        hypothesis.prioritizationScore = String(format: "%.2f", sum / Double(names.count))
        draft.document = hypothesis.members
    }

    static let datesAreInOrder: ResourceDescription.Rule = { draft in
        let hypothesis = HypothesisDocument(draft.document)
        guard let start = hypothesis.startDate, let end = hypothesis.endDate, start > end else { return }
        throw ExperimentsError.invalid("end_date", "end_date must not be before start_date.")
    }

    /// Scheme and host in lower case, no default port, no trailing slash.
    static let domainAddress: ResourceDescription.Rule = { draft in
        guard let address = DomainAddress(draft.name) else {
            throw ExperimentsError.invalid(
                "url", "url must be the address of a site, such as https://shop.example.com or https://*.example.com.")
        }
        draft.name = address.description
    }
}
