/// An amount in a currency, in whole minor units: exact, checked, never floating point.
package struct Money: Hashable, Sendable {
    /// Cents, or whatever the currency's smallest unit is.
    package let minorUnits: Int64
    package let currency: Currency

    package init(minorUnits: Int64, _ currency: Currency) {
        self.minorUnits = minorUnits
        self.currency = currency
    }

    /// Minor units of the largest amount that a record may hold.
    package static let mostStored = Int64.max / 2

    package static func zero(_ currency: Currency) -> Money { Money(minorUnits: 0, currency) }

    package var isZero: Bool { minorUnits == 0 }
    package var isNegative: Bool { minorUnits < 0 }

    /// `1299.00`, with exactly the currency's digits.
    package var decimalText: String {
        let digits = String(minorUnits.magnitude)
        let exponent = currency.exponent
        let padded =
            String(repeating: "0", count: max(0, exponent + 1 - digits.utf8.count)) + digits
        let sign = minorUnits < 0 ? "-" : ""
        guard exponent > 0 else { return sign + padded }
        return "\(sign)\(padded.dropLast(exponent)).\(padded.suffix(exponent))"
    }

    // MARK: - Arithmetic

    /// - Throws: `currency-mismatch` (6), `amount-overflow` (6).
    package func adding(_ other: Money) throws(ShopError) -> Money {
        guard currency == other.currency else { throw .currencyMismatch(currency, other.currency) }
        let (sum, overflow) = minorUnits.addingReportingOverflow(other.minorUnits)
        guard !overflow else { throw .amountOverflow(currency) }
        return Money(minorUnits: sum, currency)
    }

    package func subtracting(_ other: Money) throws(ShopError) -> Money {
        guard currency == other.currency else { throw .currencyMismatch(currency, other.currency) }
        let (rest, overflow) = minorUnits.subtractingReportingOverflow(other.minorUnits)
        guard !overflow else { throw .amountOverflow(currency) }
        return Money(minorUnits: rest, currency)
    }

    package func multiplied(by factor: Int64) throws(ShopError) -> Money {
        let (product, overflow) = minorUnits.multipliedReportingOverflow(by: factor)
        guard !overflow else { throw .amountOverflow(currency) }
        return Money(minorUnits: product, currency)
    }

    /// The amount times a fraction, rounded half away from zero.
    ///
    /// - Precondition: `denominator` is not zero.
    package func scaled(numerator: Int64, denominator: Int64) throws(ShopError) -> Money {
        precondition(denominator != 0, "a fraction over zero")
        let product = minorUnits.multipliedFullWidth(by: numerator)
        // |remainder| < |denominator|, so twice it fits in a UInt64.
        guard
            let (quotient, remainder) = Self.divided(product, by: denominator)
        else { throw .amountOverflow(currency) }
        let isNegative = (minorUnits < 0) != ((numerator < 0) != (denominator < 0))
        let roundsUp = remainder.magnitude >= denominator.magnitude - remainder.magnitude
        let step: Int64 = remainder == 0 || !roundsUp ? 0 : isNegative ? -1 : 1
        let (result, overflow) = quotient.addingReportingOverflow(step)
        guard !overflow else { throw .amountOverflow(currency) }
        return Money(minorUnits: result, currency)
    }

    private static func divided(
        _ product: (high: Int64, low: UInt64), by denominator: Int64
    ) -> (Int64, Int64)? {
        // The quotient fits when the magnitude of the high half stays below the denominator's.
        let isNegative = product.high < 0
        var high = UInt64(bitPattern: product.high)
        var low = product.low
        if isNegative {
            (low, high) = (~low &+ 1, ~high &+ (low == 0 ? 1 : 0))
        }
        guard high < denominator.magnitude else { return nil }
        let (quotient, remainder) = denominator.magnitude.dividingFullWidth((high, low))
        let negativeQuotient = isNegative != (denominator < 0)
        guard quotient <= UInt64(Int64.max) else { return nil }
        return (
            negativeQuotient ? -Int64(quotient) : Int64(quotient),
            isNegative ? -Int64(remainder) : Int64(remainder)
        )
    }

    /// Parts in proportion to `weights` that add up to the whole, by largest remainder.
    ///
    /// What rounding leaves over goes to the parts with the largest remainders, the earlier one
    /// first where they are equal. Weights of zero get nothing.
    ///
    /// - Precondition: no weight is negative and their sum is positive.
    package func split(by weights: [Int64]) throws(ShopError) -> [Money] {
        var total: Int64 = 0
        for weight in weights {
            precondition(weight >= 0, "a negative weight")
            let (sum, overflow) = total.addingReportingOverflow(weight)
            guard !overflow else { throw .amountOverflow(currency) }
            total = sum
        }
        precondition(total > 0, "nothing to split by")
        var parts: [UInt64] = []
        var remainders: [(index: Int, rest: UInt64)] = []
        var given: UInt64 = 0
        for (index, weight) in weights.enumerated() {
            // weight <= total, so the quotient fits.
            let product = minorUnits.magnitude.multipliedFullWidth(by: weight.magnitude)
            let (part, rest) = total.magnitude.dividingFullWidth(product)
            parts.append(part)
            given += part
            if weight > 0 { remainders.append((index, rest)) }
        }
        remainders.sort { $0.rest != $1.rest ? $0.rest > $1.rest : $0.index < $1.index }
        for (index, _) in remainders.prefix(Int(minorUnits.magnitude - given)) { parts[index] += 1 }
        return parts.map { part in
            // The lowest amount has no positive counterpart: negate in the unsigned domain.
            Money(minorUnits: Int64(bitPattern: minorUnits < 0 ? 0 &- part : part), currency)
        }
    }
}

extension Money: CustomStringConvertible {
    /// `1299.00 USD`.
    package var description: String { "\(decimalText) \(currency.code)" }
}

extension Money: Comparable {
    /// By amount; amounts of two currencies have no order, and comparing them is a bug.
    package static func < (left: Money, right: Money) -> Bool {
        precondition(left.currency == right.currency, "comparing two currencies")
        return left.minorUnits < right.minorUnits
    }
}

// MARK: - Reading

extension Money {
    /// Reads `1299`, `1299.00`, `-3.5`, `USD 1299` or `1299.00 USD`: exact, never rounded.
    ///
    /// - Throws: `invalid-amount`, `ambiguous-amount`, `too-many-decimals` (64),
    ///   `currency-mismatch` (6), `amount-overflow` (6).
    package init(
        parsing text: String, _ currency: Currency, named name: String = "amount"
    ) throws(ShopError) {
        if let units = Self.plainUnits(text, currency) {
            self.init(minorUnits: units, currency)
            return
        }
        var number = text
        let words = text.split(separator: " ", omittingEmptySubsequences: true)
        if words.count == 2 {
            let code = words.first { $0.utf8.allSatisfy { $0 | 0x20 >= 0x61 && $0 | 0x20 <= 0x7a } }
            guard let code, let given = Currency.named(String(code)),
                let rest = words.first(where: { $0 != code })
            else { throw .invalidAmount(name, text) }
            guard given == currency else { throw .currencyMismatch(currency, given) }
            number = String(rest)
        }
        self.init(
            minorUnits: try Self.minorUnits(number, currency, name: name, given: text), currency)
    }

    /// `1299` or `12.99`, with as many decimals as the currency has or none; nil for all that
    /// takes a closer look.
    private static func plainUnits(_ text: String, _ currency: Currency) -> Int64? {
        var text = text
        return text.withUTF8 { Money(plain: $0, currency)?.minorUnits }
    }

    /// The same from bytes.
    package init?(plain bytes: UnsafeBufferPointer<UInt8>, _ currency: Currency) {
        // Fourteen digits and four decimals stay below what 64 bits hold.
        guard (1...14).contains(bytes.count), bytes[0] != UInt8(ascii: ".") else { return nil }
        var units: Int64 = 0
        var point: Int?
        for index in bytes.indices {
            let byte = bytes[index]
            if byte == UInt8(ascii: "."), point == nil {
                point = index
            } else if byte &- 0x30 <= 9 {
                units = units * 10 + Int64(byte - 0x30)
            } else {
                return nil
            }
        }
        if let point {
            guard bytes.count - point - 1 == currency.exponent, currency.exponent > 0 else {
                return nil
            }
        } else {
            for _ in 0..<min(currency.exponent, 4) { units *= 10 }
        }
        self.init(minorUnits: units, currency)
    }

    private static func minorUnits(
        _ number: String, _ currency: Currency, name: String, given: String
    ) throws(ShopError) -> Int64 {
        var digits = Array(number.utf8)
        let isNegative = digits.first == UInt8(ascii: "-")
        if isNegative { digits.removeFirst() }
        if digits.contains(UInt8(ascii: ",")), digits.allSatisfy({ (0x2c...0x39).contains($0) }) {
            throw .ambiguousAmount(name, given)
        }
        let parts = digits.split(
            separator: UInt8(ascii: "."), maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count <= 2, let whole = parts.first, !whole.isEmpty,
            parts.allSatisfy({ $0.allSatisfy { $0 >= 0x30 && $0 <= 0x39 } }),
            parts.count == 1 || !(parts.last ?? []).isEmpty
        else { throw .invalidAmount(name, given) }
        var fraction = parts.count == 2 ? Array(parts[1]) : []
        while fraction.count > currency.exponent, fraction.last == UInt8(ascii: "0") {
            fraction.removeLast()
        }
        guard fraction.count <= currency.exponent else {
            throw .tooManyDecimals(name, given, parts[1].count, currency)
        }
        fraction += [UInt8](
            repeating: UInt8(ascii: "0"), count: currency.exponent - fraction.count)
        var value: Int64 = 0
        for digit in Array(whole) + fraction {
            let (tens, over) = value.multipliedReportingOverflow(by: 10)
            let (next, past) = tens.addingReportingOverflow(Int64(digit - 0x30))
            guard !over, !past else { throw .amountOverflow(currency) }
            value = next
        }
        return isNegative ? -value : value
    }
}

extension ShopError {
    package static func currencyMismatch(_ expected: Currency, _ given: Currency) -> ShopError {
        ShopError(
            .refused, "currency-mismatch",
            "the amount is in \(given.code), and this is in \(expected.code)",
            why: "amounts of two currencies are never added or compared",
            details: [.init("expected", expected.code), .init("given", given.code)])
    }

    package static func amountOverflow(_ currency: Currency) -> ShopError {
        let most = Money(minorUnits: .max, currency)
        return ShopError(
            .refused, "amount-overflow", "the amount is larger than can be kept, \(most)")
    }

    static func invalidAmount(_ name: String, _ text: String) -> ShopError {
        ShopError(
            .usage, "invalid-amount", "\(name) \"\(text)\" is no amount",
            why: "an amount is digits with a point before the cents", try: ["12.99"])
    }

    static func ambiguousAmount(_ name: String, _ text: String) -> ShopError {
        let joined = text.filter { $0 != "," }
        let pointed = text.contains(".") ? joined : String(text.map { $0 == "," ? "." : $0 })
        guard joined != pointed else {
            return ShopError(
                .usage, "ambiguous-amount", "\(name) \"\(text)\" has a comma in it",
                why: "a comma is neither a thousands separator nor a decimal point here",
                try: [joined])
        }
        return ShopError(
            .usage, "ambiguous-amount",
            "\(name) \"\(text)\" may mean \(joined) or \(pointed)",
            why: "a comma is neither a thousands separator nor a decimal point here",
            try: [joined, pointed])
    }

    static func tooManyDecimals(
        _ name: String, _ text: String, _ decimals: Int, _ currency: Currency
    ) -> ShopError {
        ShopError(
            .usage, "too-many-decimals",
            "\(name) \(text) has \(decimals) decimals,"
                + " \(currency.code) allows \(currency.exponent)",
            details: [
                .init("decimals", String(decimals)), .init("allowed", String(currency.exponent)),
            ])
    }
}
