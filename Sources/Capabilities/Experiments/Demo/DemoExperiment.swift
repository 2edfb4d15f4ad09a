import ProjectDocuments

/// An experience of the demo project, and what is true of it: its description says it, and its report finds it out from the traffic.
struct DemoExperiment: Sendable {
    /// A variation, and what those do who see it.
    struct Arm: Sendable {
        let key: String
        let name: String
        /// How many of its visitors buy, between 0 and 1.
        let rate: Double
        /// What they spend on the average, in the project's currency.
        let amount: Double
    }

    let key: String
    let name: String
    let type: ExperienceType
    /// The truth.
    let description: String
    /// Shared out evenly among the arms.
    let visitors: Int
    /// The first is what the others are compared with.
    let arms: [Arm]
}

extension DemoExperiment {
    private static func arm(_ key: String, _ name: String, buy rate: Double, for amount: Double = 40) -> Arm {
        Arm(key: "demo-\(key)", name: name, rate: rate, amount: amount)
    }

    /// How many visitors of any variation sign up for the newsletter: nothing that is tried changes it.
    static let signUpRate = 0.05

    /// Effects are large enough that the traffic shows them at the usual level of confidence.
    static let all = [
        DemoExperiment(
            key: "demo-checkout-button", name: "Demo: a green checkout button", type: .ab,
            description: """
                Simulated. Of those who see the original 10% buy, of those who see the green button 14%: the green button wins. \
                Nobody spends more than before, and 5% of all sign up for the newsletter.
                """,
            visitors: 4_000,
            arms: [arm("blue", "Original", buy: 0.10), arm("green", "Green button", buy: 0.14)]),
        DemoExperiment(
            key: "demo-twins", name: "Demo: a page against itself", type: .aa,
            description: """
                Simulated. Both variations are the same page: 10% buy, for $40 on the average, and 5% sign up for the newsletter. What \
                differs in the report is chance.
                """,
            visitors: 3_000,
            arms: [arm("twin-a", "Original", buy: 0.10), arm("twin-b", "The same again", buy: 0.10)]),
        DemoExperiment(
            key: "demo-pricing-page", name: "Demo: another pricing page", type: .splitURL,
            description: """
                Simulated. Of those who see the present pricing page 12% buy, of those who are sent to the new one 8%: the new page \
                loses. 5% of all sign up for the newsletter.
                """,
            visitors: 4_000,
            arms: [arm("pricing", "Present page", buy: 0.12), arm("pricing-new", "New page", buy: 0.08)]),
        DemoExperiment(
            key: "demo-free-shipping", name: "Demo: free shipping from $50", type: .ab,
            description: """
                Simulated. 20% buy whatever they see, for $40 on the average; of those who are told of free shipping from $50 as many, but \
                for $54: revenue grows, the conversion rate does not. 5% of all sign up for the newsletter.
                """,
            visitors: 4_000,
            arms: [arm("shipping", "Original", buy: 0.20), arm("shipping-free", "Free from $50", buy: 0.20, for: 54)]),
        DemoExperiment(
            key: "demo-banner", name: "Demo: a banner for everybody", type: .deploy,
            description: "Simulated. A change that all visitors see; nothing is compared.",
            visitors: 1_000, arms: [arm("banner", "Banner", buy: 0)]),
    ]
}
