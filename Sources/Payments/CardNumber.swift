package import Primitives

/// Texts that may go on record: none of them has a card number in it.
package enum CardNumber {
    /// The text, unless 13 to 19 digits in it, with or without blanks and dashes between them, pass
    /// the check of Luhn (ISO/IEC 7812-1).
    ///
    /// - Throws: `card-number` (64), without the number.
    package static func refused(in text: String) throws(ShopError) -> String {
        // Groups of digits that only blanks and dashes stand between.
        var groups: [[UInt8]] = []
        var wasDigit = false
        for byte in Array(text.utf8) + [0] {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                if !wasDigit { groups.append([]) }
                groups[groups.count - 1].append(byte - UInt8(ascii: "0"))
                wasDigit = true
            case UInt8(ascii: " "), UInt8(ascii: "-"): wasDigit = false
            default:
                guard !holdsNumber(groups) else { throw .cardNumber }
                groups = []
                wasDigit = false
            }
        }
        return text
    }

    /// Whether some of the groups that follow each other make a number: an expiry may stand behind.
    private static func holdsNumber(_ groups: [[UInt8]]) -> Bool {
        for first in groups.indices {
            var digits: [UInt8] = []
            for group in groups[first...] {
                digits += group
                if (13...19).contains(digits.count), passesLuhn(digits) { return true }
            }
        }
        return false
    }

    private static func passesLuhn(_ digits: [UInt8]) -> Bool {
        var sum = 0
        for (place, digit) in digits.reversed().enumerated() {
            let value = Int(digit) * (place % 2 == 1 ? 2 : 1)
            sum += value > 9 ? value - 9 : value
        }
        return sum % 10 == 0 && digits.contains { $0 != 0 }
    }
}

extension ShopError {
    static var cardNumber: ShopError {
        ShopError(
            .usage, "card-number", "that is a card number, and none is ever taken here",
            why: "what is on record can be read by whoever can read the shop's files",
            try: ["the token that your provider gave you for the card"])
    }
}
