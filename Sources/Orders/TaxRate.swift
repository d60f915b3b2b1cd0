import Formats
package import Primitives

/// One line of the shop's table of taxes: how much, on what, and where.
///
/// The columns are those of WooCommerce's table, and so is what they mean:
/// - `country`, `state`, `postcodes` and `cities` say where it holds; what is empty holds anywhere.
/// - Of the rates of one class and priority that hold in a region only one applies: the one that
///   says most closely where, and of equals the one that came first.
/// - Rates of several priorities apply together. A compound one is on top of the others.
package struct TaxRate: Sendable, Equatable {
    /// From 1; never given twice.
    package internal(set) var number: Int64
    package internal(set) var taxClass: TaxClass
    package internal(set) var country: String
    package internal(set) var state: String
    /// Whole postcodes, `352*`, or `35000...35299`.
    package internal(set) var postcodes: [String]
    package internal(set) var cities: [String]
    package internal(set) var name: String
    package internal(set) var rate: Percent
    package internal(set) var priority: Int64
    package internal(set) var isCompound: Bool
    /// Whether shipping is taxed by it too.
    package internal(set) var isOnShipping: Bool
    var unknown = UnknownMembers()

    /// What a person states of a rate.
    package struct Draft: Sendable {
        package var taxClass = TaxClass.standard
        package var country = ""
        package var state = ""
        package var postcodes: [String] = []
        package var cities: [String] = []
        package var name = "Tax"
        package var rate: Percent
        package var priority: Int64 = 1
        package var isCompound = false
        package var isOnShipping = true

        package init(rate: Percent) { self.rate = rate }
    }

    /// - Throws: `invalid-tax-rate` (64).
    package init(_ number: Int64, _ draft: Draft) throws(ShopError) {
        self.number = number
        taxClass = draft.taxClass
        country = Self.place(draft.country)
        state = Self.place(draft.state)
        postcodes = draft.postcodes.map(Self.place).map { $0.filter { $0 != " " } }
            .filter { !$0.isEmpty }
        cities = draft.cities.map(Self.place).filter { !$0.isEmpty }
        name = draft.name
        rate = draft.rate
        priority = draft.priority
        isCompound = draft.isCompound
        isOnShipping = draft.isOnShipping
        guard (1...1_000).contains(priority) else {
            throw .invalidTaxRate("the priority is \(priority), not from 1 to 1000")
        }
        guard country.isEmpty || country.utf8.count == 2 else {
            throw .invalidTaxRate("\"\(draft.country)\" is no country of two letters")
        }
        guard !country.isEmpty || state.isEmpty else {
            throw .invalidTaxRate("the state \(state) is of no country")
        }
        guard !name.isEmpty, name.utf8.count <= 200 else {
            throw .invalidTaxRate("its name is empty or too long")
        }
        for postcode in postcodes where !Self.isPattern(postcode) {
            throw .invalidTaxRate("\"\(postcode)\" is no postcode, 352* or 35000...35299")
        }
    }

    /// A star alone is what an empty cell is: anywhere.
    private static func place(_ text: String) -> String {
        let folded = Region.folded(text)
        return folded == "*" ? "" : folded
    }

    /// What the line of the table is about: of two rates with the same one the later replaces
    /// the earlier.
    package var line: String {
        let places = [
            country, state, postcodes.joined(separator: ";"), cities.joined(separator: ";"),
        ]
        return ([taxClass.text] + places + [String(priority), name]).joined(separator: "\u{1F}")
    }

    package func numbered(_ number: Int64) -> TaxRate {
        var rate = self
        rate.number = number
        return rate
    }

    // MARK: - Where it holds

    /// - Parameter region: nil where nobody knows: what holds anywhere holds there too.
    package func holds(in region: Region?) -> Bool {
        guard let region else { return closeness == 0 }
        return (country.isEmpty || country == region.country)
            && (state.isEmpty || state == region.state)
            && (postcodes.isEmpty || postcodes.contains { Self.matches($0, region.postcode) })
            && (cities.isEmpty || cities.contains(region.city))
    }

    private static func isPattern(_ pattern: String) -> Bool {
        if let range = range(pattern) { return range.lowest <= range.highest }
        return !pattern.contains("...") && !pattern.dropLast().contains("*")
    }

    private static func range(_ pattern: String) -> (lowest: Int64, highest: Int64)? {
        let ends = pattern.components(separatedByDots: 3)
        guard ends.count == 2, let lowest = Int64(ends[0]), let highest = Int64(ends[1]) else {
            return nil
        }
        return (lowest, highest)
    }

    private static func matches(_ pattern: String, _ postcode: String) -> Bool {
        guard !postcode.isEmpty else { return false }
        if pattern.last == "*" { return postcode.hasPrefix(pattern.dropLast()) }
        guard let range = range(pattern) else { return pattern == postcode }
        return Int64(postcode).map { range.lowest <= $0 && $0 <= range.highest } ?? false
    }

    /// How closely it says where it holds: the country counts most, then state, postcode, city.
    private var closeness: Int {
        (country.isEmpty ? 0 : 8) + (state.isEmpty ? 0 : 4) + (postcodes.isEmpty ? 0 : 2)
            + (cities.isEmpty ? 0 : 1)
    }

    /// The rates that apply in a region: at most one for each class and priority, in their order.
    package static func applying(_ rates: [TaxRate], in region: Region?) -> [TaxRate] {
        var chosen: [TaxRate] = []
        let closest = rates.filter { $0.holds(in: region) }.sorted {
            ($0.closeness, $1.number) > ($1.closeness, $0.number)
        }
        for rate in closest
        where !chosen.contains(where: {
            $0.taxClass == rate.taxClass && $0.priority == rate.priority
        }) {
            chosen.append(rate)
        }
        return chosen.sorted { ($0.taxClass, $0.priority) < ($1.taxClass, $1.priority) }
    }
}

extension String {
    fileprivate func components(separatedByDots count: Int) -> [String] {
        let dots = String(repeating: ".", count: count)
        guard let range = firstRange(of: dots) else { return [self] }
        return [String(self[..<range.lowerBound]), String(self[range.upperBound...])]
    }
}

// MARK: - Errors

extension ShopError {
    static func invalidTaxRate(_ fact: String) -> ShopError {
        ShopError(
            .usage, "invalid-tax-rate", "that is no tax rate: \(fact)",
            try: ["shopctl tax set 20 --country GB --name VAT"])
    }
}
