import Cryptography
package import JSON

/// What says that an object is still as a client saw it (contract schema `ConcurrencyKey`).
package enum ConcurrencyKey {
    /// A digest of the object's state.
    package static func of(_ state: JSONValue) -> JSONValue {
        .string(String(Digest(of: state.encoded()).hexadecimal.prefix(24)))
    }

    /// - Parameters:
    ///   - given: what a request carries; nil and null ask for nothing.
    ///   - noun: what the message calls the object.
    /// - Throws: ``ExperimentsError/conflict(_:)`` when the object has changed.
    package static func check(_ given: JSONValue?, against state: JSONValue, _ noun: String) throws {
        guard let key = given?.string, .string(key) != state else { return }
        throw ExperimentsError.conflict(
            "The \(noun) has been changed by somebody else since; get it again and repeat your change.")
    }
}
