package import Primitives

/// Where an order goes, as far as taxes depend on it: `US/AL/35242/Birmingham`.
package struct Region: Sendable, Hashable, CustomStringConvertible {
    /// ISO 3166-1, two letters.
    package let country: String
    /// Upper case; empty where nothing is known of it.
    package let state: String
    /// Upper case without spaces.
    package let postcode: String
    /// Upper case.
    package let city: String

    /// Reads `COUNTRY[/STATE[/POSTCODE[/CITY]]]`; a part in the middle may be empty.
    ///
    /// - Throws: `invalid-region` (64).
    package init(parsing text: String) throws(ShopError) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map {
            Self.folded(String($0))
        }
        guard let country = parts.first, (1...4).contains(parts.count), country.utf8.count == 2,
            country.utf8.allSatisfy({ (0x41...0x5a).contains($0) }), text.utf8.count <= 200
        else { throw .invalidRegion(text) }
        self.country = country
        state = parts.count > 1 ? parts[1] : ""
        postcode = parts.count > 2 ? parts[2].filter { $0 != " " } : ""
        city = parts.count > 3 ? parts[3] : ""
    }

    /// Trimmed, in upper case: how rates and addresses are compared.
    static func folded(_ text: String) -> String {
        text.split(separator: " ").joined(separator: " ").uppercased()
    }

    /// The form that `init` reads, without empty parts at the end.
    package var text: String {
        var parts = [country, state, postcode, city]
        while parts.last == "" { parts.removeLast() }
        return parts.joined(separator: "/")
    }

    package var description: String { text }
}

extension ShopError {
    static func invalidRegion(_ text: String) -> ShopError {
        ShopError(
            .usage, "invalid-region", "\"\(text)\" is no region",
            why: "a region is COUNTRY/STATE/POSTCODE/CITY, the country in two letters; what is "
                + "not known is left out",
            try: ["GB", "US/AL/35242", "FR//75001/Paris"])
    }
}
