/// Why the payment provider did nothing.
public enum PaymentError: Error, Sendable, Equatable {
    /// The operator has set up no provider.
    case notConfigured
    /// The provider is not reached, or the connection ended; what the network says.
    case unreachable(String)
    /// It took longer than it may.
    case late(seconds: Int)
    /// The provider does not take the key.
    case keyRefused
    /// The provider takes no more requests for now.
    case overloaded
    /// The provider does not know the customer.
    case noCustomer
    /// The provider answers with an error; what it says of it, where it says something.
    case refused(status: Int, reason: String?)
    /// The answer is none of the provider's; why.
    case malformed(String)
}
