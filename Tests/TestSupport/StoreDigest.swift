import Glibc
package import Primitives
package import Storage

/// A hash over all records of a store, by which two of them are told apart.
package struct StoreDigest: Equatable, Sendable {
    private var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    private var count = 0

    /// Reads every record of `collections`, in order.
    ///
    /// - Parameters:
    ///   - byKey: looks each one up as well, and throws where that finds another.
    ///   - show: gets a line for each.
    package init(
        _ store: Store, _ collections: [String], byKey: Bool = false,
        show: ((String) -> Void)? = nil
    ) throws {
        for name in collections {
            try store.read { (view) throws(ShopError) in
                try view.scan(KeyRange(collection: name)) { (found) throws(ShopError) in
                    let body = Self.body(of: found)
                    take(name, found.key, body)
                    if byKey { try Self.check(found.key, in: name, against: body, view) }
                    if let show {
                        let key = String(decoding: found.key, as: UTF8.self)
                        show("\(name)/\(key) \(String(decoding: body, as: UTF8.self))")
                    }
                    return true
                }
            }
        }
    }

    private static func check(
        _ key: UnsafeRawBufferPointer, in name: String, against body: [UInt8], _ view: View
    ) throws(ShopError) {
        let whole = RecordKey(escaped: Array("\(name)/".utf8) + Array(key))
        guard try view.record(whole) == body else {
            throw ShopError(.internal, "differs", "\(whole) by key is not what a scan shows")
        }
    }

    /// A segment's line has the key in front of the record.
    private static func body(of found: View.Scanned) -> [UInt8] {
        let prefix = 8 + found.key.count + 1
        guard found.record.count > prefix, found.record.starts(with: #"{"key":""#.utf8) else {
            return Array(found.record)
        }
        guard found.record[prefix] == UInt8(ascii: ",") else { return Array("{}".utf8) }
        var body: [UInt8] = [UInt8(ascii: "{")]
        body.append(
            contentsOf: UnsafeRawBufferPointer(rebasing: found.record[(prefix + 1)...]))
        return body
    }

    private mutating func take(
        _ name: String, _ key: UnsafeRawBufferPointer, _ body: [UInt8]
    ) {
        count += 1
        mix(UInt64(name.utf8.count) << 32 | UInt64(key.count))
        mix(key)
        body.withUnsafeBytes { mix($0) }
    }

    private mutating func mix(_ bytes: UnsafeRawBufferPointer) {
        var position = 0
        while position + 8 <= bytes.count {
            mix(bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self))
            position += 8
        }
        var rest: UInt64 = UInt64(bytes.count)
        for byte in bytes[position...] { rest = rest << 8 | UInt64(byte) }
        mix(rest)
    }

    private mutating func mix(_ word: UInt64) {
        hash = (hash ^ word) &* 0x9e37_79b9_7f4a_7c15
        hash ^= hash >> 29
    }
}
