/// The code of one sellable unit of stock: letters, digits, `.`, `_`, `-`, up to 64 of them.
///
/// Unique ignoring case; the case that was first given is kept.
package struct SKU: Sendable {
    package let text: String
    /// Lower case: what makes two SKUs the same one, and the key of its records.
    package let folded: String

    package init(parsing text: String) throws(ShopError) {
        var copy = text
        let isValid = copy.withUTF8 { bytes in
            guard let first = bytes.first, Self.isLetterOrDigit(first), bytes.count <= 64 else {
                return false
            }
            return bytes.allSatisfy {
                Self.isLetterOrDigit($0) || $0 == 0x2e || $0 == 0x5f || $0 == 0x2d
            }
        }
        guard isValid else { throw .invalidSKU(text) }
        self.init(stored: text)
    }

    /// A SKU from a record, which was checked when it was made.
    package init(stored text: String) {
        self.text = text
        folded = CaseFolding.ascii(text)
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x61...0x7a).contains(byte | 0x20)
    }
}

extension SKU: Hashable, Comparable, CustomStringConvertible {
    package static func == (left: SKU, right: SKU) -> Bool { left.folded == right.folded }
    package func hash(into hasher: inout Hasher) { hasher.combine(folded) }

    package static func < (left: SKU, right: SKU) -> Bool {
        left.folded.utf8.lexicographicallyPrecedes(right.folded.utf8)
    }

    package var description: String { text }
}

/// The number of an order: sequential from 1001, gapless, never reused. Printed `ORD-1001`.
package struct OrderNumber: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let value: Int64

    package init(_ value: Int64) { self.value = value }

    /// Reads `ORD-1001`, `ord-1001` or `1001`.
    package init(parsing text: String) throws(ShopError) {
        guard let value = PrefixedNumber.value(of: text, prefix: "ord-") else {
            throw .invalidNumber("order", "ORD-1001", text)
        }
        self.value = value
    }

    package static let first = OrderNumber(1001)

    package static func < (left: OrderNumber, right: OrderNumber) -> Bool {
        left.value < right.value
    }

    package var description: String { "ORD-\(value)" }
}

/// The number of a payment, `PAY-1001`.
package struct PaymentNumber: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let value: Int64

    package init(_ value: Int64) { self.value = value }

    package init(parsing text: String) throws(ShopError) {
        guard let value = PrefixedNumber.value(of: text, prefix: "pay-") else {
            throw .invalidNumber("payment", "PAY-1001", text)
        }
        self.value = value
    }

    package static let first = PaymentNumber(1001)

    package static func < (left: PaymentNumber, right: PaymentNumber) -> Bool {
        left.value < right.value
    }

    package var description: String { "PAY-\(value)" }
}

private enum PrefixedNumber {
    /// The digits after an optional prefix in either case; nil when there is anything else.
    static func value(of text: String, prefix: String) -> Int64? {
        var digits = text.utf8[...]
        let start = digits.prefix(prefix.utf8.count).map {
            (0x41...0x5a).contains($0) ? $0 | 0x20 : $0
        }
        if start.elementsEqual(prefix.utf8) { digits = digits.dropFirst(prefix.utf8.count) }
        guard !digits.isEmpty, digits.count <= 10,
            digits.allSatisfy({ (0x30...0x39).contains($0) })
        else { return nil }
        return Int64(String(decoding: digits, as: UTF8.self))
    }
}

/// An e-mail address: who a customer or a user is. The same one ignoring case; case is kept.
package struct EmailAddress: Sendable {
    package let text: String
    package let folded: String

    /// Checks the shape a mail server could accept, not whether one does (RFC 5321 lengths).
    package init(parsing text: String) throws(ShopError) {
        if Self.isPlain(text) {
            self.init(stored: text)
            return
        }
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, let local = parts.first, let domain = parts.last,
            (1...64).contains(local.utf8.count), (1...253).contains(domain.utf8.count),
            text.utf8.count <= 254, Self.isClean(text),
            domain.split(separator: ".", omittingEmptySubsequences: false).allSatisfy({
                !$0.isEmpty
            }),
            !local.hasPrefix("."), !local.hasSuffix("."), !local.contains("..")
        else { throw .invalidEmail(text) }
        self.init(stored: text)
    }

    package init(stored text: String) {
        self.text = text
        folded = CaseFolding.any(text)
    }

    /// Whether it is an address of the most common kind: letters, digits, `.`, `_`, `+` and `-`
    /// around one `@`, no dot beside another, an end or the `@`. Others are looked at closely.
    private static func isPlain(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { bytes in
            guard bytes.count <= 254 else { return false }
            var at = -1
            var afterDot = true
            for (position, byte) in bytes.enumerated() {
                switch byte {
                case UInt8(ascii: "."):
                    guard !afterDot else { return false }
                    afterDot = true
                    continue
                case UInt8(ascii: "@"):
                    guard at < 0, !afterDot, position <= 64 else { return false }
                    at = position
                    afterDot = true
                    continue
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"),
                    UInt8(ascii: "+"), UInt8(ascii: "-"):
                    afterDot = false
                default: return false
                }
            }
            return at > 0 && !afterDot && bytes.count - at - 1 <= 253
        }
    }

    private static func isClean(_ text: String) -> Bool {
        text.unicodeScalars.allSatisfy { scalar in
            switch scalar.properties.generalCategory {
            case .control, .format, .spaceSeparator, .lineSeparator, .paragraphSeparator,
                .unassigned, .privateUse, .surrogate:
                false
            default: !["<", ">", "(", ")", "[", "]", "\\", ",", ";", ":", "\""].contains(scalar)
            }
        }
    }
}

extension EmailAddress: Hashable, CustomStringConvertible {
    /// By bytes, like the keys of records: two spellings in Unicode are two addresses.
    package static func == (left: EmailAddress, right: EmailAddress) -> Bool {
        // Equal Strings may differ in bytes; the same bytes are the same String.
        left.folded == right.folded && left.folded.utf8.elementsEqual(right.folded.utf8)
    }

    package func hash(into hasher: inout Hasher) {
        var text = folded
        text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }
    package var description: String { text }
}

/// The caller's name for one request; a retry with it returns the first result.
package struct IdempotencyKey: Hashable, Sendable, CustomStringConvertible {
    package let text: String

    /// 1 to 128 printable ASCII characters without blanks.
    package init(parsing text: String) throws(ShopError) {
        guard (1...128).contains(text.utf8.count),
            text.utf8.allSatisfy({ (0x21...0x7e).contains($0) })
        else {
            throw ShopError(
                .usage, "invalid-idempotency-key",
                "an idempotency key is 1 to 128 printable characters without blanks",
                try: ["--idempotency-key web-77"])
        }
        self.text = text
    }

    package var description: String { text }
}

/// Lower case, for identity ignoring case.
enum CaseFolding {
    static func ascii(_ text: String) -> String {
        var text = text
        return text.withUTF8 { bytes -> String? in
            guard bytes.contains(where: { $0 &- 0x41 < 26 }) else { return nil }
            return String(unsafeUninitializedCapacity: bytes.count) { folded in
                for position in bytes.indices {
                    let byte = bytes[position]
                    folded[position] = byte &- 0x41 < 26 ? byte | 0x20 : byte
                }
                return bytes.count
            }
        } ?? text
    }

    /// Unicode's tables are loaded only where a letter is not ASCII.
    static func any(_ text: String) -> String {
        has({ $0 >= 0x80 }, text) ? text.lowercased() : ascii(text)
    }

    @inline(__always)
    private static func has(_ condition: (UInt8) -> Bool, _ text: String) -> Bool {
        var text = text
        return text.withUTF8 { $0.contains(where: condition) }
    }
}

/// How many units: a whole number from 1 up.
package struct Quantity: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let count: Int64
    /// More than any shop has, small enough that sums of them never overflow unnoticed.
    package static let most: Int64 = 1_000_000_000_000

    package init(_ count: Int64) throws(ShopError) {
        guard (1...Self.most).contains(count) else { throw .invalidQuantity(String(count)) }
        self.count = count
    }

    package init(parsing text: String) throws(ShopError) {
        guard !text.isEmpty, text.utf8.allSatisfy({ $0 &- 0x30 < 10 }),
            let count = Int64(text), (1...Self.most).contains(count)
        else { throw .invalidQuantity(text) }
        self.count = count
    }

    package static func < (left: Quantity, right: Quantity) -> Bool { left.count < right.count }

    package func adding(_ other: Quantity) throws(ShopError) -> Quantity {
        try Quantity(count + other.count)
    }

    package var description: String { String(count) }
}

extension ShopError {
    static func invalidSKU(_ text: String) -> ShopError {
        ShopError(
            .usage, "invalid-sku", "\"\(text)\" is no SKU",
            why: "a SKU is a letter or digit, then letters, digits, '.', '_' or '-', up to 64",
            try: ["MUG-1"])
    }

    static func invalidNumber(_ noun: String, _ example: String, _ text: String) -> ShopError {
        ShopError(
            .usage, "invalid-\(noun)-number", "\"\(text)\" is no \(noun) number", try: [example])
    }

    static func invalidEmail(_ text: String) -> ShopError {
        ShopError(
            .usage, "invalid-email", "\"\(text)\" is no e-mail address", try: ["ana@shop.example"])
    }

    static func invalidQuantity(_ text: String) -> ShopError {
        ShopError(
            .usage, "invalid-quantity",
            "\"\(text)\" is no quantity: a whole number from 1 to \(Quantity.most)")
    }
}
