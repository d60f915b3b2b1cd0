import Primitives
import TestSupport
import Testing

/// Parts by largest remainder: what every discount, tax and partial refund rests on.
@Suite struct MoneySplitTests {
    /// A million in all: cheap, since nothing is checked but sums and bounds.
    @Test(
        "sums of parts equal the whole over a million random splits",
        arguments: ["JPY", "USD", "KWD"])
    func splits(code: String) throws {
        let currency = try #require(Currency.named(code))
        var random = SeededRandom(seed: 1_000_000)
        var weights = [Int64](repeating: 0, count: 6)
        var wrong = 0
        for round in 0..<333_334 {
            let most: Int64 = round % 10 == 0 ? .max / 6 : 10_000
            for index in weights.indices { weights[index] = .random(in: 0...most, using: &random) }
            weights[round % 6] += 1
            let whole = Int64.random(in: -most...most, using: &random)
            let parts = try Money(minorUnits: whole, currency).split(by: weights)
            var sum: Int64 = 0
            for (part, weight) in zip(parts, weights) {
                sum += part.minorUnits
                if weight == 0, !part.isZero { wrong += 1 }
                if part.minorUnits != 0, (part.minorUnits < 0) != (whole < 0) { wrong += 1 }
            }
            if sum != whole || parts.count != weights.count { wrong += 1 }
        }
        #expect(wrong == 0)
    }
}
