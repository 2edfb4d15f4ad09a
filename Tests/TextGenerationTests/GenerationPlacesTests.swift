import Testing

@testable import TextGeneration

struct GenerationPlacesTests {
    @Test func `an account has so many places, and gets them back`() throws {
        let places = GenerationPlaces()
        var taken = try (0..<GenerationPlaces.mostOfOne).map { _ in try places.take(1) }
        #expect(throws: TextGenerationError.busy(most: GenerationPlaces.mostOfOne, isAccount: true)) {
            try places.take(1)
        }
        let other = try places.take(2)
        taken.removeLast()
        taken.append(try places.take(1))
        withExtendedLifetime((taken, other)) {}
    }

    @Test func `all accounts together have so many places`() throws {
        let places = GenerationPlaces()
        let taken = try (0..<Int64(GenerationPlaces.most)).map { try places.take($0) }
        #expect(throws: TextGenerationError.busy(most: GenerationPlaces.most, isAccount: false)) {
            try places.take(1_000)
        }
        withExtendedLifetime(taken) {}
    }
}
