import Formats
import Orders
import Primitives

/// The members of an order that say how it came to its price.
enum OrderPricingJSON {
    /// Takes a member into the order's history if it is one of these.
    static func take(
        _ name: String, _ value: JSONValue, _ history: inout OrderHistory, _ currency: Currency
    ) throws(ShopError) -> Bool {
        var pricing = history.pricing ?? OrderPricing()
        switch name {
        case "pricesIncludeTax": pricing.includesTax = try JSONCells.bool(value, name) == "true"
        case "region": pricing.region = try Region(parsing: try JSONCells.text(value, name))
        case "coupon": pricing.coupon = try CouponCode(parsing: try JSONCells.text(value, name))
        case "shippingMethod": pricing.shippingMethod = try JSONCells.text(value, name)
        case "discounts":
            for item in try JSONCells.objects(value, name) {
                pricing.discounts.append(try discount(item, currency))
            }
        case "taxes":
            for item in try JSONCells.objects(value, name) {
                pricing.taxes.append(try tax(item, currency))
            }
        case "shippingTaxes": pricing.shippingTaxes = try shares(value, name, currency)
        default: return false
        }
        history.pricing = pricing
        return true
    }

    private static func discount(
        _ members: [JSONValue.Member], _ currency: Currency
    ) throws(ShopError) -> OrderDiscount {
        let object = JSONValue.object(members)
        guard let kind = object["kind"] else { throw .cellMissing("discounts.kind") }
        guard let amount = object["amount"] else { throw .cellMissing("discounts.amount") }
        try refuse(members, but: ["kind", "name", "percent", "units", "amount"], of: "discounts")
        return OrderDiscount(
            try JSONCells.word(kind, "discounts.kind"), object["name"]?.text,
            try object["percent"]?.text.map(Percent.init(parsing:)),
            units: try object["units"].map { (value) throws(ShopError) in
                try JSONCells.units(value, "discounts.units")
            }, amount: try OrderJSON.amount(amount, "amount", currency).minorUnits)
    }

    private static func tax(
        _ members: [JSONValue.Member], _ currency: Currency
    ) throws(ShopError) -> OrderTax {
        let object = JSONValue.object(members)
        guard let name = object["name"] else { throw .cellMissing("taxes.name") }
        guard let rate = object["rate"] else { throw .cellMissing("taxes.rate") }
        guard let amount = object["amount"] else { throw .cellMissing("taxes.amount") }
        try refuse(members, but: ["name", "rate", "taxClass", "compound", "amount"], of: "taxes")
        return OrderTax(
            try JSONCells.text(name, "taxes.name"),
            try Percent(parsing: try JSONCells.text(rate, "taxes.rate")),
            try object["taxClass"]?.text.map(TaxClass.init(parsing:)),
            isCompound: try object["compound"].map { (value) throws(ShopError) in
                try JSONCells.bool(value, "taxes.compound") == "true"
            } ?? false,
            amount: try OrderJSON.amount(amount, "amount", currency).minorUnits)
    }

    static func shares(
        _ value: JSONValue, _ name: String, _ currency: Currency
    ) throws(ShopError) -> [PriceShare] {
        var shares: [PriceShare] = []
        for members in try JSONCells.objects(value, name) {
            let object = JSONValue.object(members)
            guard let of = object["of"] else { throw .cellMissing("\(name).of") }
            guard let amount = object["amount"] else { throw .cellMissing("\(name).amount") }
            try refuse(members, but: ["of", "amount"], of: name)
            let number = try JSONCells.count(try JSONCells.number(of, "of"), "of")
            guard number > 0 else { throw .badCell("of", "0", "a number from 1 up") }
            shares.append(
                PriceShare(
                    of: Int(number),
                    amount: try OrderJSON.amount(amount, "amount", currency).minorUnits))
        }
        return shares
    }

    private static func refuse(
        _ members: [JSONValue.Member], but known: [String], of name: String
    ) throws(ShopError) {
        if let other = members.first(where: { !known.contains($0.name) }) {
            throw .unknownMember("\(name).\(other.name)", of: "order")
        }
    }
}
