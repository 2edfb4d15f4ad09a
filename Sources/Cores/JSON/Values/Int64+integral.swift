extension Int64 {
    /// The same number as an integer, if it has no fraction and fits.
    @inlinable init?(integral value: Double) {
        guard value >= -0x1p63, value < 0x1p63 else { return nil }
        self = Int64(value)
        guard Double(self) == value else { return nil }
    }
}
