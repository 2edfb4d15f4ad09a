/// What the stored documents of one page take, of which an answer holds several times as much.
package struct PageWeight {
    private var bytes = 0
    private let isUnlimited: Bool

    /// Of all documents of a page; one resource is shown whatever it takes.
    static let maximumBytes = 32 * 1_048_576

    /// - Parameter count: resources on the page.
    package init(count: Int) {
        isUnlimited = count <= 1
    }

    /// - Throws: ``PageTooLarge`` once a page of several resources takes too much.
    package mutating func add(_ document: String) throws(PageTooLarge) {
        bytes += document.utf8.count
        guard isUnlimited || bytes <= Self.maximumBytes else { throw PageTooLarge() }
    }
}

/// A page of several resources takes too much.
package struct PageTooLarge: Error {
    package var refusal: ExperimentsError {
        .invalid(
            "results_per_page",
            "results_per_page: the resources of this page have more than \(PageWeight.maximumBytes / 1_048_576) MB "
                + "together. Ask for fewer at a time, or leave out what is expanded.")
    }
}
