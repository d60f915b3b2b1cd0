import Orders
import Payments
import Primitives
import ShopCore

/// A receipt or an invoice as it is printed: as text, or as a page of HTML.
struct OrderPaper {
    let title: String
    /// Whose paper it is, as shop.json says.
    let seller: String?
    var facts: [(name: String, value: String)]
    /// SKU, name, quantity, unit price, total.
    var lines: [[String]]
    /// What the lines come to, and what became of it: name and amount.
    var sums: [(name: String, amount: String)]

    private static let columns: [Column<Void>] = [
        .text("sku", "SKU") { nil }, .text("name") { nil }, .integer("quantity") { nil },
        .money("unitPrice") { nil }, .money("total") { nil },
    ]

    // MARK: - Text

    var text: String {
        var text = seller.map { VisibleText.escaped($0) + "\n\n" } ?? ""
        text += VisibleText.escaped(title) + "\n"
        let width = facts.map { DisplayWidth.of($0.name) }.max() ?? 0
        for fact in facts {
            let gap = String(repeating: " ", count: width - DisplayWidth.of(fact.name) + 2)
            text += fact.name + gap + VisibleText.escaped(fact.value) + "\n"
        }
        var table = TextTable(Self.columns.headings())
        for line in lines { table.append(line.map(VisibleText.escaped)) }
        for sum in sums { table.append(["", VisibleText.escaped(sum.name), "", "", sum.amount]) }
        return text + "\n" + table.lines(fitting: nil).map { $0 + "\n" }.joined()
    }

    // MARK: - HTML

    /// A page of its own that needs nothing from elsewhere, to be printed or mailed.
    var html: String {
        func cells(_ texts: [String], _ tag: String) -> String {
            let marked = zip(Self.columns, texts).map { column, text in
                let style = column.heading.isRightAligned ? " class=\"number\"" : ""
                return "<\(tag)\(style)>\(HTMLText.escaped(text))</\(tag)>"
            }
            return "<tr>" + marked.joined() + "</tr>"
        }
        let title = HTMLText.escaped(title)
        var page = [
            "<!DOCTYPE html>", "<html lang=\"en\">", "<meta charset=\"utf-8\">",
            "<title>\(title)</title>", "<style>\(Self.style)</style>",
        ]
        if let seller { page.append("<p>\(HTMLText.escaped(seller))</p>") }
        page.append("<h1>\(title)</h1>")
        page.append("<dl>")
        page += facts.map {
            "<dt>\(HTMLText.escaped($0.name))</dt><dd>\(HTMLText.escaped($0.value))</dd>"
        }
        page += ["</dl>", "<table>"]
        page.append("<thead>" + cells(Self.columns.map(\.heading.label), "th") + "</thead>")
        page.append("<tbody>")
        page += lines.map { cells($0, "td") }
        page += ["</tbody>", "<tfoot>"]
        page += sums.map { cells(["", $0.name, "", "", $0.amount], "td") }
        page += ["</tfoot>", "</table>"]
        return page.joined(separator: "\n") + "\n"
    }

    private static let style = """
        @page{margin:2cm}body{font:11pt/1.4 sans-serif;max-width:18cm;margin:1cm auto}\
        dl{display:grid;grid-template-columns:max-content 1fr;gap:0 1em}dd{margin:0}\
        table{border-collapse:collapse;width:100%}th,td{padding:.2em .8em .2em 0;\
        text-align:left;border-bottom:1px solid #ccc}.number{text-align:right}\
        tr{break-inside:avoid}
        """
}

extension OrderPaper {
    /// What was bought and paid, as it stands now.
    init(receiptOf order: Order, _ payments: [Payment], seller: String?, in zone: TimeZoneName) {
        func day(_ time: Timestamp) -> String { CalendarDay(of: time, in: zone).description }
        func amount(_ units: Int64) -> String {
            Money(minorUnits: units, order.currency).description
        }
        title = "Receipt for \(order.number)"
        self.seller = seller
        facts = [
            ("Date", day(order.placedAt ?? order.createdAt)),
            ("Customer", order.customer.text),
        ]
        if let billTo = order.details.billTo { facts.append(("Bill to", billTo)) }
        if let shipTo = order.details.shipTo { facts.append(("Ship to", shipTo)) }
        facts.append(("Status", order.status.rawValue))
        lines = order.lines.map {
            [
                $0.sku.text, $0.name, String($0.quantity), $0.unitPrice.description,
                $0.total.description,
            ]
        }
        sums = Self.sums(
            order.discount.minorUnits, order.shipping.minorUnits, order.tax.minorUnits,
            isTaxIncluded: order.includesTax, order.total.minorUnits, amount)
        for entry in order.returns {
            sums.append(("Came back \(day(entry.at))", amount(-entry.amount)))
        }
        for payment in payments {
            for entry in payment.entries {
                guard let word = Self.word(for: entry.kind) else { continue }
                sums.append(
                    (
                        "\(word) \(day(entry.note.at)), \(payment.method.rawValue)",
                        entry.amount.description
                    ))
            }
        }
        if !order.due.isZero { sums.append(("Due", order.due.description)) }
        if !order.overpaid.isZero { sums.append(("To be refunded", order.overpaid.description)) }
    }

    private static func word(for kind: PaymentEntry.Kind) -> String? {
        switch kind {
        case .capture: "Paid"
        case .refund: "Refunded"
        case .lost: "Taken back by the bank"
        default: nil
        }
    }

    /// An invoice or credit note as it was issued, whatever became of the order since.
    init(_ invoice: Invoice, of order: Order, in zone: TimeZoneName) {
        func amount(_ units: Int64) -> String {
            Money(minorUnits: units, order.currency).description
        }
        let earlier = order.details.invoices.prefix { $0.number != invoice.number }
        title = "\(invoice.isCreditNote ? "Credit note" : "Invoice") \(invoice.number)"
        seller = invoice.seller
        facts = [
            ("Date", CalendarDay(of: invoice.at, in: zone).description),
            ("Order", order.number.description), ("Customer", order.customer.text),
        ]
        if let billTo = invoice.billTo { facts.append(("Bill to", billTo)) }
        if !earlier.isEmpty {
            let numbers = earlier.map(\.number.description).joined(separator: ", ")
            facts.append(("Changes", numbers))
        }
        lines = invoice.lines.map {
            [
                $0.sku.text, $0.name, String($0.quantity), amount($0.unitPrice),
                amount($0.total),
            ]
        }
        sums = Self.sums(
            invoice.discount, invoice.shipping, invoice.tax, isTaxIncluded: invoice.includesTax,
            invoice.total, amount)
    }

    /// What leads from the lines to the total.
    private static func sums(
        _ discount: Int64, _ shipping: Int64, _ tax: Int64, isTaxIncluded: Bool, _ total: Int64,
        _ amount: (Int64) -> String
    ) -> [(name: String, amount: String)] {
        var sums: [(name: String, amount: String)] = []
        if discount != 0 { sums.append(("Discount", amount(-discount))) }
        if shipping != 0 { sums.append(("Shipping", amount(shipping))) }
        if tax != 0, !isTaxIncluded { sums.append(("Tax", amount(tax))) }
        sums.append(("Total", amount(total)))
        if tax != 0, isTaxIncluded { sums.append(("of which tax", amount(tax))) }
        return sums
    }
}
