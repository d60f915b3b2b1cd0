import Catalog
import Formats
import Orders
import Payments
import Primitives

/// Orders as JSON objects: the members that `order list --json` and `export orders` print.
enum OrderJSON {
    static func row(
        _ value: JSONValue, _ line: Int, _ currency: Currency
    ) throws(ShopError) -> OrderRow {
        guard case .object(let members) = value else {
            throw .notAnObject(JSONCells.render(value))
        }
        guard let customer = value["customer"] else { throw .cellMissing("customer") }
        guard let status = value["status"] else { throw .cellMissing("status") }
        let history = OrderHistory(
            customer: try EmailAddress(parsing: try JSONCells.text(customer, "customer")),
            status: try JSONCells.word(status, "status"))
        var row = OrderRow(line: line, history: history)
        for member in members { try take(member.name, member.value, &row, currency) }
        guard !row.key.isEmpty else { throw .cellMissing("reference") }
        guard !row.history.lines.isEmpty else { throw .cellMissing("lines") }
        row.itemLines = row.history.lines.map { _ in line }
        return row
    }

    private static func take(
        _ name: String, _ value: JSONValue, _ row: inout OrderRow, _ currency: Currency
    ) throws(ShopError) {
        switch name {
        case "number": row.number = try OrderNumber(parsing: try JSONCells.text(value, name))
        case "reference": row.history.reference = try JSONCells.text(value, name)
        case "location":
            row.history.location = try LocationName.parse(try JSONCells.text(value, name))
        case "lines":
            for item in try JSONCells.objects(value, name) {
                row.history.lines.append(try lineItem(item, currency))
            }
        case "shipping": row.history.shipping = try JSONCells.money(value, name, currency)
        case "tax": row.history.tax = try JSONCells.money(value, name, currency)
        case "total": row.history.total = try JSONCells.money(value, name, currency)
        case "captured": row.history.captured = try JSONCells.money(value, name, currency)
        case "refunded": row.history.refunded = try JSONCells.money(value, name, currency)
        case "shipments":
            var shipments: [Shipment] = []
            for item in try JSONCells.objects(value, name) {
                shipments.append(try shipment(item, number: shipments.count + 1))
            }
            row.history.shipments = shipments
        case "returns":
            for item in try JSONCells.objects(value, name) {
                row.history.returns.append(
                    try OrderCorrectionsJSON.entry(item, row.history.returns.count + 1, currency))
            }
        case "changes":
            for item in try JSONCells.objects(value, name) {
                row.history.changes.append(try OrderCorrectionsJSON.change(item, currency))
            }
        case "credits":
            for item in try JSONCells.objects(value, name) {
                row.history.credits.append(try OrderCorrectionsJSON.credit(item, currency))
            }
        case "notes", "tags", "billTo", "shipTo", "placedBy", "cancelledBy":
            try OrderCorrectionsJSON.take(name, value, into: &row.history.details)
        case "payments":
            var payments: [Payment] = []
            for item in try JSONCells.objects(value, name) {
                if let payment = try payment(item, currency) { payments.append(payment) }
            }
            row.payments = payments
            row.history.isTakenByProvider = payments.contains {
                !$0.isManual && !$0.captured.isZero
            }
        case "method": row.method = try JSONCells.word(value, name)
        case "createdBy": row.history.createdBy = try JSONCells.text(value, name)
        case "createdAt": row.history.createdAt = try JSONCells.time(value, name)
        case "placedAt": row.history.placedAt = try JSONCells.time(value, name)
        case "completedAt": row.history.completedAt = try JSONCells.time(value, name)
        case "cancelledAt": row.history.cancelledAt = try JSONCells.time(value, name)
        case "expiredAt": row.history.expiredAt = try JSONCells.time(value, name)
        case "cancelReason": row.history.cancelReason = try JSONCells.text(value, name)
        // Invoices are numbered by the shop that issued them.
        case "invoices": break
        // Read before, or derived from the rest.
        case "customer", "status", "payment", "fulfillment", "subtotal", "discount", "due",
            "overpaid", "units",
            "authorized", "disputed":
            break
        default:
            guard try OrderPricingJSON.take(name, value, &row.history, currency) else {
                throw .unknownMember(name, of: "order")
            }
        }
    }

    private static func lineItem(
        _ members: [JSONValue.Member], _ currency: Currency
    ) throws(ShopError) -> LineItem {
        let line = JSONValue.object(members)
        guard let sku = line["sku"] else { throw .skuMissing }
        guard let quantity = line["quantity"] else { throw .cellMissing("quantity") }
        guard let price = line["unitPrice"] else { throw .cellMissing("unitPrice") }
        let item = try LineItem(
            try SKU(parsing: try JSONCells.text(sku, "sku")),
            named: try line["name"].map { (name) throws(ShopError) in
                try JSONCells.text(name, "name")
            } ?? "",
            try Quantity(try JSONCells.units(quantity, "quantity")),
            at: try JSONCells.money(price, "unitPrice", currency))
        var tax: Money?
        var shares = LineItem.Shares(discounts: [], taxes: [])
        for member in members {
            switch member.name {
            case "sku", "name", "quantity", "unitPrice", "total": break
            case "tax": tax = try amount(member.value, "tax", currency)
            case "discounts":
                shares.discounts = try OrderPricingJSON.shares(
                    member.value, "lines.discounts", currency)
            case "taxes":
                shares.taxes = try OrderPricingJSON.shares(member.value, "lines.taxes", currency)
            default: throw .unknownMember("lines.\(member.name)", of: "order")
            }
        }
        let shared = item.sharing(shares)
        return try checked(tax.map(shared.taxed) ?? shared, line, currency)
    }

    /// An amount from 0 up.
    static func amount(
        _ value: JSONValue, _ name: String, _ currency: Currency
    ) throws(ShopError) -> Money {
        let amount = try JSONCells.money(value, name, currency)
        guard !amount.isNegative else {
            throw .badCell(name, amount.decimalText, "an amount from 0 up")
        }
        return amount
    }

    private static func checked(
        _ item: LineItem, _ line: JSONValue, _ currency: Currency
    ) throws(ShopError) -> LineItem {
        guard let stated = line["total"] else { return item }
        let total = try JSONCells.money(stated, "total", currency)
        guard total == item.total else {
            throw .badCell("total", total.decimalText, "quantity times unit price")
        }
        return item
    }

    private static func shipment(
        _ members: [JSONValue.Member], number: Int
    ) throws(ShopError) -> Shipment {
        var at: Timestamp?
        var (by, carrier, tracking): (String?, String?, String?)
        var delivered: (at: Timestamp?, by: String?)
        var lines: [Shipment.Line] = []
        for member in members {
            let (name, value) = (member.name, member.value)
            switch name {
            case "number": break
            case "at": at = try JSONCells.time(value, name)
            case "by": by = try JSONCells.text(value, name)
            case "carrier": carrier = try JSONCells.text(value, name)
            case "tracking": tracking = try JSONCells.text(value, name)
            case "units":
                for (sku, count) in try units(value, name) {
                    lines.append(Shipment.Line(sku: sku, count: count))
                }
            case "deliveredAt": delivered.at = try JSONCells.time(value, name)
            case "deliveredBy": delivered.by = try JSONCells.text(value, name)
            default: throw .unknownMember("shipments.\(name)", of: "order")
            }
        }
        guard let at else { throw .cellMissing("shipments.at") }
        return Shipment(
            number: number, at: at, by: by ?? "", carrier: carrier, tracking: tracking,
            lines: lines, deliveredAt: delivered.at, deliveredBy: delivered.by)
    }

    /// `{"MUG-1":"2"}`.
    static func units(
        _ value: JSONValue, _ name: String
    ) throws(ShopError) -> [(SKU, Int64)] {
        var units: [(SKU, Int64)] = []
        for pair in try JSONCells.pairs(value, name) {
            units.append((try SKU(parsing: pair.name), try JSONCells.count(pair.value, name)))
        }
        return units
    }

    /// nil for one of which nothing has happened: its provider owes an answer to another shop.
    private static func payment(
        _ members: [JSONValue.Member], _ currency: Currency
    ) throws(ShopError) -> Payment? {
        let payment = JSONValue.object(members)
        guard let entries = payment["entries"] else {
            guard payment["asked"] == nil else { return nil }
            throw .cellMissing("payments.entries")
        }
        var history: [PaymentEntry] = []
        for item in try JSONCells.objects(entries, "entries") {
            history.append(try entry(item, currency))
        }
        return try Payment(
            try payment["method"].map { (value) throws(ShopError) in
                try JSONCells.word(value, "method")
            } ?? .card,
            provider: payment["provider"]?.text, handle: payment["handle"]?.text,
            holder: try payment["holder"].map { (value) throws(ShopError) in
                try BalanceReader.holder(value, "holder")
            },
            entries: history)
    }

    private static func entry(
        _ members: [JSONValue.Member], _ currency: Currency
    ) throws(ShopError) -> PaymentEntry {
        var kind = PaymentEntry.Kind.capture
        var amount = Money.zero(currency)
        var note = PaymentEntry.Note(at: Timestamp(millisecondsSinceEpoch: 0), by: "")
        var restocked: [PaymentEntry.Restock] = []
        var code: String?
        for member in members {
            let (name, value) = (member.name, member.value)
            switch name {
            case "code": code = try JSONCells.text(value, name)
            case "kind": kind = try JSONCells.word(value, name)
            case "amount": amount = try JSONCells.money(value, name, currency)
            case "at": note.at = try JSONCells.time(value, name)
            case "by": note.by = try JSONCells.text(value, name)
            case "reason": note.reason = try JSONCells.text(value, name)
            case "reference": note.reference = try JSONCells.text(value, name)
            case "restocked":
                for (sku, count) in try units(value, name) {
                    restocked.append(PaymentEntry.Restock(sku: sku, count: count))
                }
            default: throw .unknownMember("payments.\(name)", of: "order")
            }
        }
        return PaymentEntry(kind, amount, note, restocked: restocked, code: code)
    }
}

extension ShopError {
    static func cellMissing(_ name: String) -> ShopError {
        ShopError(.data, "cell-missing", "the order has no \(name)", at: name)
    }
}
