import Formats
import Orders
import Primitives
import Storage

/// The last numbers given: orders, payments and invoices are numbered inside the commit, without
/// gaps.
struct Counters: StoredRecord, Equatable {
    var orders = OrderNumber.first.value - 1
    var payments = PaymentNumber.first.value - 1
    var invoices = InvoiceNumber.first.value - 1
    /// Accounts, and those of them that are owners: with none, the shop is still open to anybody.
    var users: Int64 = 0
    var owners: Int64 = 0
    /// The last number of a tax rate; 0 in a shop that never had one.
    var taxRates: Int64 = 0
    /// The day that was closed last: nothing is stamped into it any more, nor into one before.
    var sealed: CalendarDay?

    var recordKey: RecordKey { Records.counters }

    mutating func nextOrder() -> OrderNumber {
        orders += 1
        return OrderNumber(orders)
    }

    mutating func nextInvoice() -> InvoiceNumber {
        invoices += 1
        return InvoiceNumber(invoices)
    }

    mutating func nextPayment() -> PaymentNumber {
        payments += 1
        return PaymentNumber(payments)
    }
}

extension Counters: JSONRecord {
    init(from reader: inout JSONReader) throws(JSONError) {
        try reader.beginObject()
        while let member = try reader.nextMember() {
            switch member {
            case "orders": orders = try reader.int64()
            case "payments": payments = try reader.int64()
            case "invoices": invoices = try reader.int64()
            case "users": users = try reader.int64()
            case "owners": owners = try reader.int64()
            case "taxRates": taxRates = try reader.int64()
            case "sealed": sealed = CalendarDay(try reader.string())
            default: try reader.skip()
            }
        }
    }

    func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("orders", orders)
        writer.member("payments", payments)
        if invoices >= InvoiceNumber.first.value { writer.member("invoices", invoices) }
        writer.member("users", users)
        writer.member("owners", owners)
        if taxRates > 0 { writer.member("taxRates", taxRates) }
        writer.member("sealed", sealed?.description)
        writer.endObject()
    }
}

extension View {
    func counters() throws(ShopError) -> Counters {
        try find(Counters.self, Records.counters) ?? Counters()
    }
}
