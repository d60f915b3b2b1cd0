import Foundation
import Primitives
import TestSupport
import Testing

@Suite struct MoneyTests {
    func currency(_ code: String) throws -> Currency { try Currency(parsing: code) }

    func code(_ body: () throws -> Void) -> String? {
        do {
            try body()
            return nil
        } catch { return (error as? ShopError)?.code ?? "\(error)" }
    }

    @Test("amounts show exactly the currency's digits")
    func decimals() throws {
        #expect(Money(minorUnits: 129_900, try currency("USD")).description == "1299.00 USD")
        #expect(Money(minorUnits: -5, try currency("usd")).decimalText == "-0.05")
        #expect(Money(minorUnits: 1_299, try currency("JPY")).decimalText == "1299")
        #expect(Money(minorUnits: 1_299, try currency("KWD")).decimalText == "1.299")
        #expect(Money(minorUnits: 1, try currency("CLF")).decimalText == "0.0001")
        #expect(Money(minorUnits: .min, try currency("USD")).decimalText == "-92233720368547758.08")
    }

    @Test("amounts are read exactly or refused")
    func parsing() throws {
        let usd = try currency("USD")
        func read(_ text: String) throws -> Int64 { try Money(parsing: text, usd).minorUnits }
        #expect(try read("1299") == 129_900)
        #expect(try read("1299.5") == 129_950)
        #expect(try read("0.07") == 7)
        #expect(try read("-3.10") == -310)
        #expect(try read("USD 12.99") == 1_299)
        #expect(try read("12.99 usd") == 1_299)
        #expect(try read("12.990") == 1_299)
        for bad in ["", "abc", "1.", ".5", "1.2.3", "1e3", "--1", "+1", "１", "12.99 USD now", "$5"]
        {
            #expect(code { _ = try read(bad) } == "invalid-amount", "\(bad)")
        }
        #expect(code { _ = try read("1,299") } == "ambiguous-amount")
        #expect(code { _ = try read("12.99 EUR") } == "currency-mismatch")
        #expect(code { _ = try read("99999999999999999999") } == "amount-overflow")
        #expect(code { _ = try Money(parsing: "12.5", try currency("JPY")) } == "too-many-decimals")
    }

    @Test("too many decimals are said with their count and what is allowed")
    func decimalsMessage() throws {
        do throws(ShopError) {
            _ = try Money(parsing: "12.999", try Currency(parsing: "USD"), named: "price")
            Issue.record("accepted")
        } catch {
            #expect(error.message == "price 12.999 has 3 decimals, USD allows 2")
        }
    }

    @Test("overflow is an error, not a trap")
    func overflow() throws {
        let most = Money(minorUnits: .max, try currency("USD"))
        let one = Money(minorUnits: 1, try currency("USD"))
        #expect(code { _ = try most.adding(one) } == "amount-overflow")
        #expect(
            code { _ = try Money(minorUnits: .min, one.currency).subtracting(one) }
                == "amount-overflow")
        #expect(code { _ = try most.multiplied(by: 2) } == "amount-overflow")
        #expect(code { _ = try most.scaled(numerator: 3, denominator: 2) } == "amount-overflow")
        #expect(
            code { _ = try one.adding(Money(minorUnits: 1, try currency("EUR"))) }
                == "currency-mismatch")
    }

    @Test("a fraction rounds half away from zero")
    func rounding() throws {
        func part(_ units: Int64, _ a: Int64, _ b: Int64) throws -> Int64 {
            try Money(minorUnits: units, try currency("USD")).scaled(numerator: a, denominator: b)
                .minorUnits
        }
        #expect(try part(5, 1, 2) == 3)
        #expect(try part(-5, 1, 2) == -3)
        #expect(try part(4, 1, 3) == 1)
        #expect(try part(5, 1, 3) == 2)
        #expect(try part(1_000, 19, 100) == 190)
        #expect(try part(-7, 1, -2) == 4)
        #expect(try part(.max, 1, 1) == .max)
        #expect(
            try part(9_000_000_000_000_000_000, 1_000_000, 1_000_000) == 9_000_000_000_000_000_000)
    }

    @Test(
        "the parts of a split add up to the whole, in JPY, USD and KWD",
        arguments: ["JPY", "USD", "KWD"])
    func split(code: String) throws {
        let currency = try currency(code)
        var random = SeededRandom(seed: 11)
        for _ in 0..<20_000 {
            let total = Int64(random.below(2_000_001)) - 1_000_000
            var weights = (0..<random.below(6) + 1).map { _ in Int64(random.below(1_000)) }
            if weights.allSatisfy({ $0 == 0 }) { weights[0] = 1 }
            let parts = try Money(minorUnits: total, currency).split(by: weights)
            #expect(
                parts.reduce(0) { $0 + $1.minorUnits } == total, "seed 11, \(total) by \(weights)")
            for (part, weight) in zip(parts, weights) where weight == 0 { #expect(part.isZero) }
        }
        #expect(
            try Money(minorUnits: 100, currency).split(by: [1, 1, 1]).map(\.minorUnits) == [
                34, 33, 33,
            ])
        #expect(
            try Money(minorUnits: .min + 1, currency).split(by: [1, 1]).map(\.minorUnits).reduce(
                0, +) == .min + 1)
    }

    @Test("the lowest amount splits without a trap")
    func lowest() throws {
        let lowest = Money(minorUnits: .min, try currency("USD"))
        #expect(try lowest.split(by: [1]).map(\.minorUnits) == [.min])
        #expect(try lowest.split(by: [0, 3]).map(\.minorUnits) == [0, .min])
    }

    static let list =
        (ProcessInfo.processInfo.environment["SHOPCTL_SHARED"] ?? "../shared")
        + "/data/iso4217/iso4217_minor_units.csv"

    @Test(
        "every currency of ISO 4217 has its digits, and codes that are no money are refused",
        .enabled(if: FileManager.default.fileExists(atPath: list)))
    func iso4217() throws {
        let text = try String(contentsOfFile: Self.list, encoding: .utf8)
        var seen: Set<String> = []
        for line in text.split(whereSeparator: \.isNewline).dropFirst() {
            let fields = line.split(separator: ",", omittingEmptySubsequences: false)
            let code = String(fields[0])
            #expect(Currency.named(code)?.exponent == Int(fields[2]), "\(code)")
            if Int(fields[2]) != nil { seen.insert(code) }
        }
        #expect(Set(Currency.codes) == seen)
        #expect(seen.count == 165)
    }

    @Test("codes that are no currency are refused")
    func notMoney() {
        for code in ["XAU", "XXX", "XTS", "US", "USDX", "", "U D", "D E", "ЕUR"] {
            #expect(Currency.named(code) == nil, "\(code)")
        }
        #expect(Currency.named("kwd")?.exponent == 3)
    }
}
