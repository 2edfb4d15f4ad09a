import Testing

@testable import TextGeneration

struct PromptTests {
    @Test func `a context of others is cut after 200 words, one's own is not`() {
        let words = (1...250).map { "word\($0)" }
        var request = TextRequest(content: "Buy")
        request.context = words.joined(separator: "\n ")
        let cut = request.prompt(besides: []).material
        #expect(cut.hasSuffix("word199\n word200") && !cut.contains("word201"))
        request.ownKey = "key"
        #expect(request.prompt(besides: []).material.hasSuffix("word250"))
    }

    @Test(arguments: [1, 199, 200]) func `a context of at most 200 words stays as it is`(count: Int) {
        var request = TextRequest(content: "Buy")
        request.context = (1...count).map { "w\($0)" }.joined(separator: "  ") + " "
        #expect(
            request.prompt(besides: []).material.hasSuffix(
                "\nw1" + (count > 1 ? (2...count).map { "  w\($0)" }.joined() : "") + " "))
    }

    @Test func `a context without blanks is cut as well`() {
        var request = TextRequest(content: "Buy")
        request.context = String(repeating: "文", count: 10_000)
        #expect(request.prompt(besides: []).material.count < 4_100)
    }

    @Test func `without a way to persuade the context is what to do`() {
        var request = TextRequest(content: "Buy")
        request.context = "Rhyme"
        #expect(request.prompt(besides: []).material.contains("Instructions:\nRhyme"))
        request.persuasion = Persuasion(class: "pas", principle: nil)
        #expect(request.prompt(besides: []).material.contains("Context:\nRhyme"))
    }

    @Test func `what is known already is told`() {
        var request = TextRequest(content: "Buy")
        request.previous = ["Get"]
        let material = request.prompt(besides: ["Take"]).material
        #expect(material.contains("Get") && material.contains("Take"))
    }

    @Test func `each class has principles of its own`() {
        #expect(Persuasion(class: "none", principle: nil) == nil && Persuasion(class: nil, principle: "unity") == nil)
        for school in Persuasion.School.allCases {
            for principle in school.principles {
                let guidance = Persuasion(class: school.rawValue, principle: principle.rawValue)?.guidance ?? ""
                #expect(guidance.contains(principle.meaning) && guidance.split(separator: "\n").count == 2)
            }
        }
        let other = Persuasion(class: "fab", principle: "unity")
        #expect(other == Persuasion(class: "fab", principle: nil))
        #expect(Set(Persuasion.School.allCases.flatMap(\.principles)) == Set(Persuasion.Principle.allCases))
    }
}
