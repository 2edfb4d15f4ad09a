import EventStore
import JSON
import Time

@testable import People

/// Rules of segments, asked about a person.
struct SegmentSubject: FuzzSubject {
    let samples: [[UInt8]] = .texts(
        PropertyComparison.allCases.map { comparison in
            #"{"user_property":"plan","operator":"\#(comparison.rawValue)","value":"2024-01-31"}"#
        } + [
            #"{"all":[{"user_property":"n","operator":"in","value":[1,"a",true]},{"not":{"event":"e","operator":"at_least","count":3,"within_days":30}}]}"#,
            #"{"any":[{"company_property":"seats","operator":"greater_than","value":1e3},{"event":null,"event_type":"track","operator":"exactly","count":0}]}"#,
        ])
    let tokens: [[UInt8]] = .texts(
        [
            "{\"all\":[", "{\"any\":[", "{\"not\":", "\"user_property\":", "\"company_property\":", "\"operator\":",
            "\"value\":", "\"event\":", "\"count\":", "\"within_days\":", "\"n\"", "\"at\"", "\"list\"", "[", "]", "}",
        ] + PropertyComparison.allCases.map { "\"\($0.rawValue)\"" })

    private static let properties =
        #"{"plan":"pro","n":1e14,"at":1750000000,"ms":-99999999999999,"list":["a",1,[2]],"big":123456789012345678901,"#
        + #""tiny":1e-9999,"o":{"a":1},"day":"2024-01-31","none":null,"flag":"TRUE"}"#

    func examine(_ input: [UInt8], _ random: inout FuzzRandom) throws -> String {
        guard let value = try? JSONValue(parsing: input) else { return "no JSON" }
        let rule: SegmentRule
        do {
            rule = try SegmentRule(parsing: value)
        } catch {
            try require(!error.message.isEmpty && error.path.hasPrefix("rule"), "an error without words")
            return "\(error.message.prefix(16))"
        }
        var work = SegmentWork()
        work.beginPerson()
        return "\(rule.matches(try Self.candidate(&random), &work))"
    }

    private static func candidate(_ random: inout FuzzRandom) throws -> SegmentCandidate {
        let properties = try JSONDocument(parsing: properties).root
        let count = random.below(5)
        return SegmentCandidate(
            userID: "ann", companyID: random.once(in: 2) ? "acme" : nil, firstSeenAt: Timestamp(seconds: 0),
            lastSeenAt: .latest, properties: properties, companyProperties: random.once(in: 2) ? properties : nil,
            eventCount: { _ in count })
    }
}
