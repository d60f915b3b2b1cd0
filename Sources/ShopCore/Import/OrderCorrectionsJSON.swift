import Catalog
import Formats
import Orders
import Primitives

/// What came back of imported orders, what was changed of them, and what is said about them.
enum OrderCorrectionsJSON {
    static func entry(
        _ members: [JSONValue.Member], _ number: Int, _ currency: Currency
    ) throws(ShopError) -> OrderReturn {
        var at: Timestamp?
        var (by, reason): (String?, String?)
        var outcome = OrderReturn.Outcome.restock
        var lines: [UnitCount] = []
        var amount = Money.zero(currency)
        var isOfRefund = false
        for member in members {
            let (name, value) = (member.name, member.value)
            switch name {
            case "number": break
            case "at": at = try JSONCells.time(value, name)
            case "by": by = try JSONCells.text(value, name)
            case "outcome": outcome = try JSONCells.word(value, name)
            case "reason": reason = try JSONCells.text(value, name)
            case "units":
                lines = try OrderJSON.units(value, name).map { UnitCount(sku: $0, count: $1) }
            case "amount": amount = try JSONCells.money(value, name, currency)
            case "refund": isOfRefund = try JSONCells.bool(value, name) == "true"
            default: throw .unknownMember("returns.\(name)", of: "order")
            }
        }
        guard let at else { throw .cellMissing("returns.at") }
        guard !amount.isNegative else {
            throw .badCell("amount", amount.decimalText, "an amount from 0 up")
        }
        return OrderReturn(
            number: number, at: at, by: by ?? "", outcome: outcome, reason: reason, lines: lines,
            amount: amount.minorUnits, isOfRefund: isOfRefund)
    }

    static func change(
        _ members: [JSONValue.Member], _ currency: Currency
    ) throws(ShopError) -> OrderChange {
        var at: Timestamp?
        var (by, reason): (String?, String?)
        var kind = OrderChange.Kind.edit
        var lines: [UnitCount] = []
        var amount = Money.zero(currency)
        for member in members {
            let (name, value) = (member.name, member.value)
            switch name {
            case "at": at = try JSONCells.time(value, name)
            case "by": by = try JSONCells.text(value, name)
            case "kind": kind = try JSONCells.word(value, name)
            case "reason": reason = try JSONCells.text(value, name)
            case "units":
                for pair in try JSONCells.pairs(value, name) {
                    guard let count = Int64(pair.value),
                        count.magnitude <= Quantity.most.magnitude
                    else { throw .badCell(name, pair.value, "a whole number up or down") }
                    lines.append(UnitCount(sku: try SKU(parsing: pair.name), count: count))
                }
            case "amount": amount = try JSONCells.money(value, name, currency)
            default: throw .unknownMember("changes.\(name)", of: "order")
            }
        }
        guard let at else { throw .cellMissing("changes.at") }
        return OrderChange(
            at: at, by: by ?? "", kind: kind, reason: reason, lines: lines,
            amount: amount.minorUnits)
    }

    static func take(
        _ name: String, _ value: JSONValue, into details: inout OrderDetails
    ) throws(ShopError) {
        switch name {
        case "notes":
            for item in try JSONCells.objects(value, name) { details.notes.append(try note(item)) }
        case "tags":
            try details.retag(adding: try JSONCells.list(value, name), removing: [])
        case "billTo":
            try details.address(billTo: try JSONCells.text(value, name), shipTo: nil)
        case "shipTo":
            try details.address(billTo: nil, shipTo: try JSONCells.text(value, name))
        case "placedBy": details.placedBy = try JSONCells.text(value, name)
        default: details.cancelledBy = try JSONCells.text(value, name)
        }
    }

    private static func note(_ members: [JSONValue.Member]) throws(ShopError) -> OrderNote {
        var at: Timestamp?
        var (by, text) = ("", "")
        for member in members {
            let (name, value) = (member.name, member.value)
            switch name {
            case "at": at = try JSONCells.time(value, name)
            case "by": by = try JSONCells.text(value, name)
            case "text": text = try JSONCells.text(value, name)
            default: throw .unknownMember("notes.\(name)", of: "order")
            }
        }
        guard let at else { throw .cellMissing("notes.at") }
        return try OrderNote(text, by: by, at: at)
    }

    static func credit(
        _ members: [JSONValue.Member], _ currency: Currency
    ) throws(ShopError) -> OrderCredit {
        let credit = JSONValue.object(members)
        guard let at = credit["at"] else { throw .cellMissing("credits.at") }
        guard let amount = credit["amount"] else { throw .cellMissing("credits.amount") }
        if let other = members.first(where: { $0.name != "at" && $0.name != "amount" }) {
            throw .unknownMember("credits.\(other.name)", of: "order")
        }
        let money = try JSONCells.money(amount, "amount", currency)
        guard !money.isNegative else {
            throw .badCell("amount", money.decimalText, "an amount from 0 up")
        }
        return OrderCredit(at: try JSONCells.time(at, "at"), amount: money.minorUnits)
    }
}
