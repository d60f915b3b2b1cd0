/// A currency in use, with the count of digits its minor unit has (ISO 4217).
///
/// The code is kept as three bytes: every amount has a currency, and copying a text counts
/// references.
package struct Currency: Hashable, Sendable {
    private let letters: (UInt8, UInt8, UInt8)
    private let digits: UInt8

    /// Three capital letters, `USD`.
    package var code: String {
        String(unsafeUninitializedCapacity: 3) { text in
            (text[0], text[1], text[2]) = letters
            return 3
        }
    }

    /// Digits after the decimal point: JPY 0, USD 2, KWD 3, CLF 4.
    package var exponent: Int { Int(digits) }

    /// The active currency of that code, in either case; nil for anything else.
    ///
    /// Codes of ISO 4217 that are no money (XAU, XTS, XXX …) are not currencies here.
    package static func named(_ code: String) -> Currency? {
        let capitals = code.utf8.map { (0x61...0x7a).contains($0) ? $0 & 0xdf : $0 }
        guard capitals.count == 3 else { return nil }
        for (exponent, codes) in table where holds(codes, capitals) {
            return Currency((capitals[0], capitals[1], capitals[2]), exponent)
        }
        return nil
    }

    /// Every active code, in alphabetical order.
    package static var codes: [String] {
        table.flatMap { $0.codes.description.split(separator: " ").map(String.init) }.sorted()
    }

    /// Reads a code that a person typed.
    package init(parsing text: String) throws(ShopError) {
        guard let currency = Currency.named(text) else { throw .unknownCurrency(text) }
        self = currency
    }

    private init(_ letters: (UInt8, UInt8, UInt8), _ exponent: Int) {
        self.letters = letters
        digits = UInt8(exponent)
    }

    package static func == (left: Currency, right: Currency) -> Bool {
        left.letters == right.letters
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(letters.0)
        hasher.combine(letters.1)
        hasher.combine(letters.2)
    }

    /// Whether a list of codes of three letters, each but the last followed by a blank, holds one.
    private static func holds(_ codes: StaticString, _ code: [UInt8]) -> Bool {
        codes.withUTF8Buffer { list in
            stride(from: 0, to: list.count, by: 4).contains {
                list[$0] == code[0] && list[$0 + 1] == code[1] && list[$0 + 2] == code[2]
            }
        }
    }

    /// ISO 4217 list one, published 2026-01-01, by count of minor digits.
    private static var table: [(exponent: Int, codes: StaticString)] {
        [(2, twoDigits), (0, noDigits), (3, threeDigits), (4, fourDigits)]
    }

    private static let twoDigits: StaticString = """
        AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD \
        CAD CDF CHE CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP \
        GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK \
        LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO \
        NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS \
        SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST \
        XAD XCD XCG YER ZAR ZMW ZWG
        """

    private static let noDigits: StaticString = """
        BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF
        """

    private static let threeDigits: StaticString = "BHD IQD JOD KWD LYD OMR TND"

    private static let fourDigits: StaticString = "CLF UYW"
}

extension ShopError {
    static func unknownCurrency(_ text: String) -> ShopError {
        ShopError(
            .usage, "unknown-currency", "\"\(text)\" is no currency in use",
            why: "currencies are the three-letter codes of ISO 4217", try: ["--currency USD"])
    }
}
