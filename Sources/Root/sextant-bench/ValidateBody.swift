import ArgumentParser
import Contract
import Foundation
import JSON

/// Parsing and checking of the largest usual body: an experience with twenty changes.
struct ValidateBody: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "validate", abstract: "Check an experience with 20 changes against its contract, on one thread.")

    @Option(help: "How many times.") var count = 50_000

    func run() throws {
        let contract = try ContractDocument.load("convert", mount: Mount(prefix: "/api/v2"))
        guard let schema = contract.operation("createExperience")?.requestBody?.content["application/json"]?.schema
        else { throw ValidationError("The contract has no createExperience.") }
        let body = Self.experience.encoded()
        if let violation = schema.validate(try JSONDocument(parsing: body).root).first {
            throw ValidationError("The body is not valid: \(violation)")
        }
        let started = ContinuousClock.now
        for _ in 0..<count where try !schema.validate(JSONDocument(parsing: body).root).isEmpty {
            throw ValidationError("The body is not valid any more.")
        }
        let seconds = started.duration(to: .now) / .seconds(1)
        print(
            #"{"bodies": \#(count), "bytes": \#(body.count), "seconds": \#(seconds), "#
                + #""bodies_per_second": \#(Double(count) / seconds)}"#)
    }

    /// Four variations with five changes each.
    private static let experience: JSONValue = [
        "name": "Checkout with one page", "status": "draft", "type": "a/b", "url": "https://shop.example.com/checkout",
        "description": "Whether one page instead of three brings more orders.", "traffic_distribution": 80,
        "goals": [1, 2], "primary_goal": 1, "audiences": [1], "tags": [1, 2],
        "settings": ["min_order_value": 1, "max_order_value": 9_999],
        "variations": .array((0..<4).map { variation($0) }),
    ]

    private static func variation(_ number: Int) -> JSONValue {
        [
            "name": .string("Variation \(number)"), "is_baseline": .bool(number == 0), "traffic_distribution": 25,
            "status": "running", "changes": .array((0..<5).map { change(number * 5 + $0) }),
        ]
    }

    private static func change(_ number: Int) -> JSONValue {
        [
            "type": "defaultCode",
            "data": [
                "js": .string("document.querySelector('#step-\(number)').remove();"),
                "css": .string("#step-\(number + 1) { display: block; margin: 0 0 \(number)px; }"),
                "custom_js": .string("window.steps = (window.steps || 0) + \(number);"),
            ],
        ]
    }
}
