/// Which rates tax a product: a short name such as `reduced-rate`. What says none is `standard`.
package struct TaxClass: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let text: String

    package static let standard = TaxClass(stored: "standard")

    /// Letters, digits and `-`, up to 40 of them, in lower case; `Reduced rate` is `reduced-rate`.
    ///
    /// - Throws: `invalid-tax-class` (64).
    package init(parsing text: String) throws(ShopError) {
        let folded = text.lowercased().map { $0 == " " || $0 == "_" ? "-" : $0 }
        let isValid =
            (1...40).contains(folded.count)
            && folded.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") }
        guard isValid else {
            throw ShopError(
                .usage, "invalid-tax-class", "\"\(text)\" is no tax class",
                why: "a tax class is letters, digits and '-', up to 40 of them",
                try: ["--tax-class standard", "--tax-class reduced-rate"])
        }
        self.text = String(folded)
    }

    /// A tax class from a record, which was checked when it was made.
    package init(stored text: String) { self.text = text }

    package static func < (left: TaxClass, right: TaxClass) -> Bool { left.text < right.text }

    package var description: String { text }
}
