package import Formats
package import Orders
package import Primitives
import Storage

/// What a shop is once and for all: its id, its currency and its calendar; and what may be
/// changed in the file by hand; shop.json.
package struct ShopSettings: Sendable, Equatable {
    package let id: String
    package let currency: Currency
    package let timeZone: TimeZoneName
    package let createdAt: Timestamp
    /// How long an idempotency key stands for its request.
    package let idempotencyDays: Int64
    /// How long an order may hold its units without being paid; nil: for ever.
    package let reservationMinutes: Int64?
    /// Whose shop it is, as receipts and invoices say it.
    package private(set) var seller: String?
    /// Prices are what customers pay, the tax in them.
    package let pricesIncludeTax: Bool
    /// Where orders go that do not say: whose taxes are on them.
    package let region: Region?
    /// What is asked of passwords and sessions.
    package let accounts: AccountSettings

    /// What a program must know to read and to write the directory.
    private(set) var needs = FormatNeeds()

    var idempotencySeconds: Int64 { idempotencyDays * 86_400 }
    var reservationSeconds: Int64? { reservationMinutes.map { $0 * 60 } }
    fileprivate static let possibleMinutes: ClosedRange<Int64> = 1...52_560_000
    fileprivate static let possibleDays: ClosedRange<Int64> = 1...36_500

    package init(
        id: String, currency: Currency, timeZone: TimeZoneName, createdAt: Timestamp,
        idempotencyDays: Int64 = 30, reservationMinutes: Int64? = nil,
        pricesIncludeTax: Bool = false, region: Region? = nil,
        accounts: AccountSettings = AccountSettings()
    ) {
        self.id = id
        self.currency = currency
        self.timeZone = timeZone
        self.createdAt = createdAt
        self.idempotencyDays = idempotencyDays
        self.reservationMinutes = reservationMinutes
        self.pricesIncludeTax = pricesIncludeTax
        self.region = region
        self.accounts = accounts
    }
}

extension ShopSettings: JSONRecord {
    package init(from reader: inout JSONReader) throws(JSONError) {
        let start = reader.offset
        var id = ""
        var code = ""
        var zone = "UTC"
        var createdAt = Timestamp(millisecondsSinceEpoch: 0)
        var days: Int64 = 30
        var minutes: Int64?
        var pricesIncludeTax = false
        var region: Region?
        var accounts = AccountSettings()
        var seller: String?
        var needs = FormatNeeds()
        try reader.beginObject()
        while let member = try reader.nextMember() {
            switch member {
            case "id": id = try reader.string()
            case "currency": code = try reader.string()
            case "timeZone": zone = try reader.string()
            case "createdAt": createdAt = try reader.timestamp()
            case "idempotencyDays":
                let offset = reader.offset
                days = try reader.int64()
                guard Self.possibleDays.contains(days) else {
                    throw JSONError(
                        offset: offset, reason: "idempotencyDays is not between 1 and 36500")
                }
            case "reservationMinutes":
                let offset = reader.offset
                minutes = try reader.int64()
                guard minutes.map(Self.possibleMinutes.contains) ?? false else {
                    throw JSONError(
                        offset: offset,
                        reason: "reservationMinutes is not between 1 and 52560000")
                }
            case "seller": seller = try reader.string()
            case "pricesIncludeTax": pricesIncludeTax = try reader.bool()
            case "region": region = try Region(from: &reader)
            case "accounts": accounts = try AccountSettings(from: &reader)
            default: if try !needs.read(member, from: &reader) { try reader.skip() }
            }
        }
        self.init(
            id: id, currency: try reader.currency(code, start),
            timeZone: TimeZoneName(stored: zone),
            createdAt: createdAt, idempotencyDays: days, reservationMinutes: minutes,
            pricesIncludeTax: pricesIncludeTax, region: region, accounts: accounts)
        self.seller = seller
        self.needs = needs
    }

    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("shopctl", "shop")
        needs.write(to: &writer)
        writer.member("id", id)
        writer.member("currency", currency.code)
        writer.member("timeZone", timeZone.name)
        writer.member("createdAt", createdAt)
        writer.member("idempotencyDays", idempotencyDays)
        writer.member("reservationMinutes", reservationMinutes)
        writer.member("seller", seller)
        if pricesIncludeTax { writer.member("pricesIncludeTax", true) }
        writer.member("region", region?.text)
        if accounts != AccountSettings() {
            writer.name("accounts")
            accounts.write(to: &writer)
        }
        writer.endObject()
    }
}
