extension IPAddress {
    /// What one client may be taken to have for itself: the address alone of version 4, the first 64 bits of version 6, whose
    /// customers are given at least as many addresses.
    public var network: IPAddress {
        isVersion4 ? self : IPAddress(high: high, low: 0)
    }
}
