/// The name of a place where units are kept: letters, digits, `-` and `_`, up to 32, in lower case.
///
/// Every shop has the place `main`, and most have no other: wherever a location may be stated, nil
/// is `main`, so that it costs nothing and need not be stored.
package struct LocationName: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let text: String

    /// What nil is called.
    package static let main = "main"

    /// The location of that name, nil for `main`.
    ///
    /// - Throws: `invalid-location` (64).
    package static func parse(_ text: String) throws(ShopError) -> LocationName? {
        let folded = CaseFolding.ascii(text)
        let isValid =
            (1...32).contains(folded.utf8.count)
            && folded.utf8.allSatisfy {
                (0x61...0x7a).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2d
                    || $0 == 0x5f
            }
        guard isValid else { throw .invalidLocation(text) }
        return folded == main ? nil : LocationName(stored: folded)
    }

    /// A name from a record, which was checked when it was made.
    package init(stored text: String) {
        self.text = text
    }

    package static func < (left: LocationName, right: LocationName) -> Bool {
        left.text.utf8.lexicographicallyPrecedes(right.text.utf8)
    }

    package var description: String { text }
}

extension LocationName? {
    /// The name people know it by.
    package var name: String { self?.text ?? LocationName.main }
}

extension ShopError {
    static func invalidLocation(_ text: String) -> ShopError {
        ShopError(
            .usage, "invalid-location", "\"\(text)\" is no name of a location",
            why: "a name has letters, digits, '-' and '_', up to 32",
            try: ["shopctl location list"])
    }
}
