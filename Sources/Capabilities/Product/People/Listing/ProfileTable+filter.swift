/// Filtering: each term goes through its column at once.
extension ProfileTable {
    /// Who satisfies all terms of any of these, everybody for none: one flag for each place.
    /// - Parameter alternatives: of attributes that the table has.
    func matches(_ alternatives: [[ProfileTerm]]) -> [Bool] {
        if alternatives.isEmpty { return isThere }
        var result = [Bool](repeating: false, count: ids.count)
        for terms in alternatives {
            var flags = isThere
            for term in terms { column(term.attribute)?.narrow(&flags, by: term) }
            for place in flags.indices where flags[place] { result[place] = true }
        }
        return result
    }
}

extension ProfileColumn {
    /// Takes down the flags of values that do not satisfy the term.
    fileprivate func narrow(_ flags: inout [Bool], by term: ProfileTerm) {
        switch term.operand {
        case .integer(let operand): narrow(&flags, integers, operand, term.comparison)
        case .number(let operand): narrow(&flags, operand, term.comparison)
        case .text(let operand): narrow(&flags, operand, term.comparison)
        case .pattern(let pattern):
            let isWanted = !term.comparison.isNegative
            if type == .list {
                texts.visitAll { place, text in
                    guard flags[place] else { return }
                    flags[place] = ListBytes.contains(text, where: pattern.matches) == isWanted
                }
            } else {
                texts.visitAll { place, text in
                    if flags[place] { flags[place] = pattern.matches(text) == isWanted }
                }
            }
        }
    }

    private func narrow<Value: Comparable>(
        _ flags: inout [Bool], _ values: [Value], _ operand: Value, _ comparison: ProfileComparison
    ) {
        func go(_ holds: (Value) -> Bool) {
            for place in flags.indices where flags[place] { flags[place] = holds(values[place]) }
        }
        switch comparison {
        case .equal: go { $0 == operand }
        case .unequal: go { $0 != operand }
        case .less: go { $0 < operand }
        case .atMost: go { $0 <= operand }
        case .greater: go { $0 > operand }
        case .atLeast: go { $0 >= operand }
        case .like, .unlike: break
        }
    }

    private func narrow(_ flags: inout [Bool], _ operand: ExactNumber, _ comparison: ProfileComparison) {
        let nearest = operand.nearest
        if exact.isEmpty, operand.isToldByNearest || operand.isZero {
            return narrow(&flags, numbers, nearest, comparison)
        }
        for place in flags.indices where flags[place] {
            let value = numbers[place]
            // Rounding never turns an order round, so only where the doubles are equal must digits be looked at.
            let order = value == nearest ? order(of: place, operand) : value < nearest ? -1 : 1
            flags[place] = comparison.holds(order)
        }
    }

    private func order(of place: Int, _ operand: ExactNumber) -> Int {
        guard let number = number(at: place), number != operand else { return 0 }
        return number < operand ? -1 : 1
    }

    private func narrow(_ flags: inout [Bool], _ operand: [UInt8], _ comparison: ProfileComparison) {
        operand.withUnsafeBufferPointer { operand in
            func isEqual(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
                text.count == operand.count && TextArena.compare(text, operand) == 0
            }
            let isWanted = !comparison.isNegative
            if type == .list {
                texts.visitAll { place, text in
                    guard flags[place] else { return }
                    flags[place] = ListBytes.contains(text, where: isEqual) == isWanted
                }
            } else if comparison == .equal || comparison == .unequal {
                texts.visitAll { place, text in
                    if flags[place] { flags[place] = isEqual(text) == isWanted }
                }
            } else {
                texts.visitAll { place, text in
                    if flags[place] { flags[place] = comparison.holds(TextArena.compare(text, operand)) }
                }
            }
        }
    }
}

extension ProfileComparison {
    /// - Parameter order: less than 0, 0 or greater, as the value is less than the operand, equal or greater.
    fileprivate func holds(_ order: Int) -> Bool {
        switch self {
        case .equal: order == 0
        case .unequal: order != 0
        case .less: order < 0
        case .atMost: order <= 0
        case .greater: order > 0
        case .atLeast: order >= 0
        case .like, .unlike: false
        }
    }
}
