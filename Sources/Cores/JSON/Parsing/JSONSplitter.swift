/// Finds where the elements of an array and the members of an object stand in a text that may hold values which are no
/// JSON: it looks at brackets and quotes only. Every byte is looked at once a level.
struct JSONSplitter {
    let bytes: UnsafeRawBufferPointer

    /// The elements of the array that fills the range; nil where brackets, commas or quotes do not add up.
    func elements(_ range: Range<Int>) -> [Range<Int>]? {
        guard let inside = contents(of: range, open: UInt8(ascii: "["), close: UInt8(ascii: "]")) else { return nil }
        return parts(inside)
    }

    /// The value of the member of the object that fills the range; nil where there is none, or more than one.
    func member(_ name: String, of range: Range<Int>) -> Range<Int>? {
        guard let inside = contents(of: range, open: UInt8(ascii: "{"), close: UInt8(ascii: "}")),
            let members = parts(inside)
        else { return nil }
        var found: Range<Int>?
        for member in members {
            guard let (key, value) = keyAndValue(member) else { return nil }
            guard isKey(key, name) else { continue }
            guard found == nil else { return nil }
            found = value
        }
        return found
    }

    /// The bytes of a range.
    func text(_ range: Range<Int>) -> UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: bytes[range]) }

    /// A range without the white space around it.
    func trimmed(_ range: Range<Int>) -> Range<Int> {
        var (start, end) = (range.lowerBound, range.upperBound)
        while start < end, Self.isSpace(bytes[start]) { start += 1 }
        while end > start, Self.isSpace(bytes[end - 1]) { end -= 1 }
        return start..<end
    }

    private func contents(of range: Range<Int>, open: UInt8, close: UInt8) -> Range<Int>? {
        let range = trimmed(range)
        guard range.count >= 2, bytes[range.lowerBound] == open, bytes[range.upperBound - 1] == close else {
            return nil
        }
        return range.lowerBound + 1..<range.upperBound - 1
    }

    /// What stands between the commas that are within no brackets and no quotes.
    private func parts(_ range: Range<Int>) -> [Range<Int>]? {
        guard !trimmed(range).isEmpty else { return [] }
        var parts: [Range<Int>] = []
        var closers: [UInt8] = []
        var (start, position) = (range.lowerBound, range.lowerBound)
        while position < range.upperBound {
            switch bytes[position] {
            case UInt8(ascii: "\""):
                guard let end = endOfString(position, before: range.upperBound) else { return nil }
                position = end
                continue
            case UInt8(ascii: "{"): closers.append(UInt8(ascii: "}"))
            case UInt8(ascii: "["): closers.append(UInt8(ascii: "]"))
            case let byte where byte == UInt8(ascii: "}") || byte == UInt8(ascii: "]"):
                guard closers.popLast() == byte else { return nil }
            case UInt8(ascii: ",") where closers.isEmpty:
                parts.append(trimmed(start..<position))
                start = position + 1
            default: break
            }
            position += 1
        }
        parts.append(trimmed(start..<range.upperBound))
        return closers.isEmpty && parts.allSatisfy { !$0.isEmpty } ? parts : nil
    }

    private func keyAndValue(_ member: Range<Int>) -> (key: Range<Int>, value: Range<Int>)? {
        guard bytes[member.lowerBound] == UInt8(ascii: "\""),
            let end = endOfString(member.lowerBound, before: member.upperBound)
        else { return nil }
        let rest = trimmed(end..<member.upperBound)
        guard let colon = rest.first, bytes[colon] == UInt8(ascii: ":") else { return nil }
        return (member.lowerBound..<end, trimmed(colon + 1..<rest.upperBound))
    }

    /// Only a key with escapes, of which each byte takes six at most, has to be read.
    private func isKey(_ key: Range<Int>, _ name: String) -> Bool {
        let inside = text(key.lowerBound + 1..<key.upperBound - 1)
        guard inside.contains(UInt8(ascii: "\\")) else { return inside.elementsEqual(name.utf8) }
        guard inside.count <= 6 * name.utf8.count else { return false }
        return (try? JSONDocument(parsing: text(key)).root.string)?.utf8.elementsEqual(name.utf8) == true
    }

    private func endOfString(_ start: Int, before end: Int) -> Int? {
        var position = start + 1
        while position < end {
            switch bytes[position] {
            case UInt8(ascii: "\\"): position += 2
            case UInt8(ascii: "\""): return position + 1
            default: position += 1
            }
        }
        return nil
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D
    }
}
