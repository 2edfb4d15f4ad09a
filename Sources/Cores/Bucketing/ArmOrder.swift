/// The order in which an object of JavaScript lists its keys: array indexes by number, then the rest as they came.
///
/// The SDKs keep the arms of the packed layout in such an object, so their walk goes this way and not as configured.
enum ArmOrder {
    /// The arms in that order, an id that appears twice once: in its first place, with its last values.
    static func sorted(_ arms: [BucketingArm]) -> [BucketingArm] {
        var places: [String: Int] = [:]
        var distinct: [BucketingArm] = []
        for arm in arms {
            if let place = places[arm.id] {
                distinct[place] = arm
            } else {
                places[arm.id] = distinct.count
                distinct.append(arm)
            }
        }
        let indexed = distinct.compactMap { arm in arrayIndex(arm.id).map { (index: $0, arm: arm) } }
        let numbered = indexed.sorted { $0.index < $1.index }.map(\.arm)
        return numbered + distinct.filter { arrayIndex($0.id) == nil }
    }

    /// The number that a key stands for if it is an array index: decimal digits without leading zero, below 2^32 - 1.
    static func arrayIndex(_ key: String) -> UInt32? {
        let digits = key.utf8
        guard let first = digits.first, digits.count <= 10, digits.allSatisfy({ (0x30...0x39).contains($0) }),
            first != 0x30 || digits.count == 1,
            let number = UInt32(key), number != .max
        else { return nil }
        return number
    }
}
