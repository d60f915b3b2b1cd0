import Glibc
package import Primitives

/// The key of one record in the whole store: `collection/key`, in bytes that JSON never escapes.
///
/// Only `A-Z a-z 0-9 . _ ~ @ + : / -` stand for themselves; every other byte is `%XX`. Byte order
/// of the raw lines is therefore key order, and search is memcmp. Numbers are zero-padded by
/// `padded(_:)`.
package struct RecordKey: Hashable, Comparable, Sendable {
    package let bytes: [UInt8]

    /// A key from bytes that are already escaped, as read from a file.
    package init(escaped bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// The key `collection/parts[0]/parts[1]…`; every part is escaped, slashes in it too.
    package init(_ collection: StaticString, _ parts: String...) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(64)
        collection.withUTF8Buffer { bytes.append(contentsOf: $0) }
        for part in parts {
            bytes.append(UInt8(ascii: "/"))
            Self.appendEscaped(part, to: &bytes)
        }
        self.bytes = bytes
    }

    /// The key `collection/part`.
    package init(_ collection: StaticString, _ part: String) {
        var bytes = Self.opening(collection, part.utf8.count + 12)
        bytes.append(UInt8(ascii: "/"))
        Self.appendEscaped(part, to: &bytes)
        self.bytes = bytes
    }

    /// The key `collection/0000001001`, or with a second number `collection/0000001001/0000001002`.
    package init(_ collection: StaticString, number: Int64, _ second: Int64? = nil) {
        var bytes = Self.opening(collection, 22)
        Self.append(number, to: &bytes)
        if let second { Self.append(second, to: &bytes) }
        self.bytes = bytes
    }

    /// The key `collection/part/0000001001`.
    package init(_ collection: StaticString, _ part: String, number: Int64) {
        var bytes = Self.opening(collection, part.utf8.count + 12)
        bytes.append(UInt8(ascii: "/"))
        Self.appendEscaped(part, to: &bytes)
        Self.append(number, to: &bytes)
        self.bytes = bytes
    }

    private static func opening(_ collection: StaticString, _ room: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(collection.utf8CodeUnitCount + room)
        collection.withUTF8Buffer { bytes.append(contentsOf: $0) }
        return bytes
    }

    /// Appends a slash and the number in ten digits.
    private static func append(_ number: Int64, to bytes: inout [UInt8]) {
        guard (0...9_999_999_999).contains(number) else {
            bytes.append(UInt8(ascii: "/"))
            appendEscaped(padded(number), to: &bytes)
            return
        }
        var digits: (UInt64, UInt64) = (0, 0)
        withUnsafeMutableBytes(of: &digits) { text in
            text[0] = UInt8(ascii: "/")
            var rest = number
            for position in stride(from: 10, through: 1, by: -1) {
                text[position] = UInt8(truncatingIfNeeded: rest % 10) + UInt8(ascii: "0")
                rest /= 10
            }
            bytes.append(contentsOf: UnsafeRawBufferPointer(rebasing: text[..<11]))
        }
    }

    /// The name before the first slash.
    package var collection: String {
        String(decoding: bytes.prefix { $0 != UInt8(ascii: "/") }, as: UTF8.self)
    }

    package static func < (left: RecordKey, right: RecordKey) -> Bool {
        compareBytes(left.bytes, right.bytes) < 0
    }

    /// Ten digits, so that byte order is number order: `0000001001`.
    package static func padded(_ number: Int64) -> String {
        Digits.text(number, 10)
    }

    /// Ten digits that fall as the number rises, for newest-first order.
    package static func descending(_ number: Int64) -> String {
        padded(falling(number))
    }

    /// A number that falls as `number` rises.
    package static func falling(_ number: Int64) -> Int64 { 9_999_999_999 - number }

    /// The text of an escaped part.
    package static func unescaped(_ bytes: some Sequence<UInt8>) -> String {
        var plain: [UInt8] = []
        var iterator = bytes.makeIterator()
        while let byte = iterator.next() {
            guard byte == UInt8(ascii: "%"), let high = iterator.next().flatMap(hexValue),
                let low = iterator.next().flatMap(hexValue)
            else {
                plain.append(byte)
                continue
            }
            plain.append(high << 4 | low)
        }
        return String(decoding: plain, as: UTF8.self)
    }

    private static func appendEscaped(_ text: String, to bytes: inout [UInt8]) {
        var text = text
        text.withUTF8 { text in
            guard !text.allSatisfy(standsForItself) else {
                bytes.append(contentsOf: text)
                return
            }
            for byte in text {
                guard !standsForItself(byte) else {
                    bytes.append(byte)
                    continue
                }
                bytes.append(UInt8(ascii: "%"))
                bytes.append(hexDigit(byte >> 4))
                bytes.append(hexDigit(byte & 15))
            }
        }
    }

    @inline(__always)
    private static func standsForItself(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: "~"), UInt8(ascii: "@"), UInt8(ascii: "+"), UInt8(ascii: ":"),
            UInt8(ascii: "-"):
            true
        default: false
        }
    }

    private static func hexDigit(_ value: UInt8) -> UInt8 {
        value < 10 ? value + UInt8(ascii: "0") : value - 10 + UInt8(ascii: "A")
    }

    private static func hexValue(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}

extension RecordKey: CustomStringConvertible {
    package var description: String { String(decoding: bytes, as: UTF8.self) }
}

/// A half-open range of keys, `from` included.
package struct KeyRange: Sendable {
    package let from: [UInt8]
    package let to: [UInt8]

    func contains(_ key: UnsafeRawBufferPointer) -> Bool {
        from.withUnsafeBytes { compareBytes(key, $0) >= 0 }
            && to.withUnsafeBytes { compareBytes(key, $0) < 0 }
    }

    package init(from: [UInt8], to: [UInt8]) {
        self.from = from
        self.to = to
    }

    /// All of the collection that `key` is in.
    package init(collectionOf key: RecordKey) {
        let name = key.bytes.prefix { $0 != UInt8(ascii: "/") }
        self.init(collection: String(decoding: name, as: UTF8.self))
    }

    /// All keys of a collection.
    package init(collection: String) {
        from = Array("\(collection)/".utf8)
        to = Array("\(collection)0".utf8)
    }

    /// All keys that begin with `prefix` and a slash.
    package init(under prefix: RecordKey) {
        from = prefix.bytes + [UInt8(ascii: "/")]
        to = prefix.bytes + [UInt8(ascii: "/") + 1]
    }
}

/// Byte order of two runs of bytes: negative, zero or positive; a prefix comes first.
@inline(__always)
func compareBytes(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Int {
    let shared = min(left.count, right.count)
    if shared > 0, let a = left.baseAddress, let b = right.baseAddress {
        let order = memcmp(a, b, shared)
        if order != 0 { return Int(order) }
    }
    return left.count - right.count
}

func compareBytes(_ left: [UInt8], _ right: [UInt8]) -> Int {
    left.withUnsafeBytes { a in right.withUnsafeBytes { b in compareBytes(a, b) } }
}

extension [UInt8] {
    /// Hands out the bytes to a closure that throws.
    package func withBytes<R>(
        _ body: (UnsafeRawBufferPointer) throws(ShopError) -> R
    ) throws(ShopError) -> R {
        try span.withUnsafeBytes(body)
    }
}
