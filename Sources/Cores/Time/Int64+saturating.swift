/// Arithmetic that ends at the least or greatest integer instead of ending the process, for numbers that callers, rows
/// and clocks give.
extension Int64 {
    /// The sum, or the end of the range that it lies beyond.
    public func addingSaturating(_ other: Int64) -> Int64 {
        let (sum, isOverflow) = addingReportingOverflow(other)
        return isOverflow ? (other < 0 ? .min : .max) : sum
    }

    /// The product, or the end of the range that it lies beyond.
    public func multipliedSaturating(by other: Int64) -> Int64 {
        let (product, isOverflow) = multipliedReportingOverflow(by: other)
        return isOverflow ? ((self < 0) == (other < 0) ? .max : .min) : product
    }
}
