import JSON

/// What the profiles of a page are in the store.
struct ProfilePageSize {
    /// Of properties, in bytes.
    var bytes = 0
    /// Of JSON in large pages; of small ones nobody counts them.
    var values = 0

    /// Up to so many bytes a page is small: made at once, beside all others.
    static let smallBytes = 512 * 1_024
    /// Bytes of the properties of a page.
    static let maximumBytes = 8 * 1_024 * 1_024
    /// Values of a page, those within arrays and objects included: each takes time, however short its text.
    static let maximumValues = 1_000_000
    /// What a page takes in memory while it is made, and as an answer that shows it twice, as a multiple of its bytes.
    static let weight = 4

    /// How much may be read.
    enum Limit: Sendable {
        case small
        case whole
    }

    /// Adds what is about to be read.
    /// - Throws: ``ProfileListError/pageTooLarge``, and ``IsLarge`` where only a small page may be made.
    mutating func add(bytes added: Int, _ limit: Limit) throws {
        bytes += added
        guard bytes <= Self.maximumBytes else { throw ProfileListError.pageTooLarge }
        if limit == .small, bytes > Self.smallBytes { throw IsLarge(bytes: bytes) }
    }

    /// Counts the values of one profile.
    /// - Throws: ``ProfileListError/pageTooLarge``.
    mutating func add(valuesOf properties: String) throws {
        // One that cannot be read is left out.
        values += (try? JSONDocument(stored: properties).root.valueCount) ?? 0
        guard values <= Self.maximumValues else { throw ProfileListError.pageTooLarge }
    }

    /// A page is not small.
    struct IsLarge: Error {
        let bytes: Int
    }
}
