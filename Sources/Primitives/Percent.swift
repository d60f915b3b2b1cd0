/// A percentage from 0 to 1,000 with up to four decimals, such as 8.875 %: exact.
package struct Percent: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// Ten-thousandths of a percent: 8.875 % is 88,750.
    package let units: Int64

    /// 100 % in `units`.
    package static let whole: Int64 = 1_000_000

    /// Reads `10`, `10%`, `8.875 %` or `20.0000`.
    ///
    /// - Throws: `invalid-percent` (64).
    package init(parsing text: String) throws(ShopError) {
        var digits = text[...]
        if digits.last == "%" { digits = digits.dropLast() }
        while digits.last == " " { digits = digits.dropLast() }
        let parts = digits.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        let fraction = Array((parts.count == 2 ? parts[1] : "").utf8)
        guard let whole = parts.first, (1...4).contains(whole.utf8.count),
            parts.count == 1 || !fraction.isEmpty,
            (Array(whole.utf8) + fraction).allSatisfy({ (0x30...0x39).contains($0) }),
            fraction.dropFirst(4).allSatisfy({ $0 == 0x30 }),
            let units = Int64(whole).flatMap({ whole in
                let decimals =
                    fraction.prefix(4)
                    + [UInt8](repeating: 0x30, count: 4).dropFirst(
                        min(4, fraction.count))
                return Int64(String(decoding: decimals, as: UTF8.self)).map { whole * 10_000 + $0 }
            }), units <= 10 * Self.whole
        else { throw .invalidPercent(text) }
        self.units = units
    }

    /// `8.875`, with no more decimals than it takes.
    package var text: String {
        var fraction = String(units % 10_000)
        fraction = String(repeating: "0", count: 4 - fraction.utf8.count) + fraction
        while fraction.last == "0" { fraction.removeLast() }
        let whole = String(units / 10_000)
        return fraction.isEmpty ? whole : "\(whole).\(fraction)"
    }

    package static func < (left: Percent, right: Percent) -> Bool { left.units < right.units }

    package var description: String { "\(text) %" }
}

extension Money {
    /// So many percent of the amount, rounded half away from zero.
    package func percentage(_ percent: Percent) throws(ShopError) -> Money {
        try scaled(numerator: percent.units, denominator: Percent.whole)
    }
}

extension ShopError {
    package static func invalidPercent(_ text: String) -> ShopError {
        ShopError(
            .usage, "invalid-percent", "\"\(text)\" is no percentage",
            why: "a percentage is from 0 to 1000, with four decimals at most", try: ["12.5"])
    }
}
