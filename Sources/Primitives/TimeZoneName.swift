import Glibc
import Synchronization

/// A time zone of the IANA database by name, `Europe/Berlin`; `UTC` needs no database.
package struct TimeZoneName: Hashable, Sendable, CustomStringConvertible {
    package let name: String

    package static let utc = TimeZoneName(stored: "UTC")

    /// - Throws: `unknown-time-zone` (64).
    package init(parsing text: String) throws(ShopError) {
        self.name = text == "Z" || text == "Etc/UTC" ? "UTC" : text
        guard name == "UTC" || ZoneFile.contents(of: name) != nil else { throw .unknownZone(text) }
    }

    package init(stored name: String) {
        self.name = name
    }

    /// Seconds east of UTC at that moment; 0 where the database has no such zone any more.
    package func offset(at time: Timestamp) -> Int64 {
        guard name != "UTC", let bytes = ZoneFile.contents(of: name) else { return 0 }
        return ZoneFile.offset(at: Timestamp.seconds(time), in: bytes) ?? 0
    }

    package var description: String { name }
}

extension Timestamp {
    fileprivate static func seconds(_ time: Timestamp) -> Int64 {
        let (day, rest) = split(time.millisecondsSinceEpoch)
        return day * 86_400 + rest / 1_000
    }
}

/// Reads the compiled zone files of the system (TZif, RFC 8536).
private enum ZoneFile {
    /// Files read so far: a report asks for the offset of every order.
    private static let known = Mutex<[String: [UInt8]]>([:])

    static func contents(of name: String) -> [UInt8]? {
        if let bytes = known.withLock({ $0[name] }) { return bytes }
        guard let bytes = read(name) else { return nil }
        known.withLock { $0[name] = bytes }
        return bytes
    }

    private static func read(_ name: String) -> [UInt8]? {
        // A name is words of a path below the database, never a way out of it.
        let isSafe = name.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x61...0x7a).contains(byte | 0x20)
                || [0x2f, 0x5f, 0x2d, 0x2b].contains(byte)
        }
        guard isSafe, !name.isEmpty, !name.hasPrefix("/"), name.utf8.count <= 64 else { return nil }
        let file = open("/usr/share/zoneinfo/\(name)", O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        let bytes = [UInt8](unsafeUninitializedCapacity: 65_536) { buffer, filled in
            filled = max(0, Glibc.read(file, buffer.baseAddress, buffer.count))
        }
        return bytes.starts(with: "TZif".utf8) ? bytes : nil
    }

    /// The offset in force at `time`, from the 64-bit block and the rule behind it.
    static func offset(at time: Int64, in bytes: [UInt8]) -> Int64? {
        guard let first = Block(bytes, at: 0, wide: false),
            let block = bytes[4] >= 0x32 ? Block(bytes, at: first.end, wide: true) : first
        else { return nil }
        if let last = block.lastTransition, time >= last, block.end < bytes.count {
            let footer = bytes[block.end...].dropFirst().prefix { $0 != 0x0a }
            if let rule = PosixZone(Array(footer)) { return rule.offset(at: time) }
        }
        return block.offset(at: time)
    }

    /// One data block: header, transition times, types.
    struct Block {
        let bytes: [UInt8]
        let times: Int
        let width: Int
        let timeCount: Int
        let typeCount: Int
        let end: Int

        init?(_ bytes: [UInt8], at start: Int, wide: Bool) {
            guard bytes.count >= start + 44 else { return nil }
            func count(_ index: Int) -> Int {
                bytes[(start + 20 + index * 4)..<(start + 24 + index * 4)]
                    .reduce(0) { $0 << 8 | Int($1) }
            }
            self.bytes = bytes
            width = wide ? 8 : 4
            times = start + 44
            timeCount = count(3)
            typeCount = count(4)
            end =
                times + timeCount * (width + 1) + typeCount * 6 + count(5) + count(2) * (width + 4)
                + count(1) + count(0)
            guard end <= bytes.count, typeCount > 0 else { return nil }
        }

        func transition(_ index: Int) -> Int64 {
            let start = times + index * width
            let raw = bytes[start..<start + width].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            return width == 8 ? Int64(bitPattern: raw) : Int64(Int32(truncatingIfNeeded: raw))
        }

        var lastTransition: Int64? { timeCount > 0 ? transition(timeCount - 1) : .min }

        func offset(at time: Int64) -> Int64? {
            var low = 0
            var high = timeCount
            while low < high {
                let middle = (low + high) / 2
                if transition(middle) <= time { low = middle + 1 } else { high = middle }
            }
            let type = low == 0 ? 0 : Int(bytes[times + timeCount * width + low - 1])
            guard type < typeCount else { return nil }
            let start = times + timeCount * (width + 1) + type * 6
            let raw = bytes[start..<start + 4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            return Int64(Int32(bitPattern: raw))
        }
    }
}

extension ShopError {
    static func unknownZone(_ text: String) -> ShopError {
        ShopError(
            .usage, "unknown-time-zone", "\"\(text)\" is no time zone",
            why: "time zones are the names of the IANA database",
            try: ["UTC", "Europe/Berlin", "ls /usr/share/zoneinfo"])
    }
}
