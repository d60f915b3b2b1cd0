/// Names that were seen with their lines, in 16 bytes each: two rows of one name are found without
/// keeping the text of a million.
///
/// A name is known by 96 bits of its hash, seeded anew in every process; two different ones of ten
/// million share them once in 10^15 files.
struct SeenNames {
    private struct Slot {
        var hash: UInt64 = 0
        var check: UInt32 = 0
        /// The line, and in the highest bit whether the row is a variant; 0: empty.
        var line: UInt32 = 0
    }

    private var slots = [Slot](repeating: Slot(), count: 1024)
    private var count = 0
    private static let variant: UInt32 = 1 << 31

    /// - Returns: the line where the name stands already; nil when it is new.
    mutating func insert(_ name: String, line: Int) -> Int? {
        if count * 3 >= slots.count * 2 { grow() }
        let (hash, check) = Self.hashes(name)
        let index = place(hash, check)
        guard slots[index].line == 0 else { return Int(slots[index].line & ~Self.variant) }
        slots[index] = Slot(
            hash: hash, check: check, line: UInt32(truncatingIfNeeded: line) & ~Self.variant)
        count += 1
        return nil
    }

    mutating func markVariant(_ name: String) {
        let (hash, check) = Self.hashes(name)
        slots[place(hash, check)].line |= Self.variant
    }

    func row(of name: String) -> (line: Int, isVariant: Bool)? {
        let (hash, check) = Self.hashes(name)
        let line = slots[place(hash, check)].line
        guard line != 0 else { return nil }
        return (Int(line & ~Self.variant), line & Self.variant != 0)
    }

    private static func hashes(_ name: String) -> (UInt64, UInt32) {
        var hasher = Hasher()
        // By bytes: a string's own hash holds two spellings in Unicode to be one.
        var name = name
        name.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
        var second = hasher
        second.combine(UInt8(1))
        return (
            UInt64(bitPattern: Int64(hasher.finalize())),
            UInt32(truncatingIfNeeded: second.finalize())
        )
    }

    /// Where the name is, or the empty slot where it would be.
    private func place(_ hash: UInt64, _ check: UInt32) -> Int {
        let mask = slots.count - 1
        var index = Int(truncatingIfNeeded: hash) & mask
        while slots[index].line != 0, slots[index].hash != hash || slots[index].check != check {
            index = (index + 1) & mask
        }
        return index
    }

    private mutating func grow() {
        let old = slots
        slots = [Slot](repeating: Slot(), count: old.count * 2)
        for slot in old where slot.line != 0 { slots[place(slot.hash, slot.check)] = slot }
    }
}
