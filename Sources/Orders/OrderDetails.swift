import Formats
package import Primitives

/// What is said about an order beside what it has and costs.
package struct OrderDetails: Sendable, Equatable {
    /// What staff wrote down, the oldest first; never altered or removed.
    package var notes: [OrderNote] = []
    /// Words of the shop's own to find orders by, each once whatever its case.
    package private(set) var tags: [String] = []
    /// Postal addresses as they are written on an envelope, each on one line.
    package private(set) var billTo: String?
    package private(set) var shipTo: String?
    /// What it was invoiced, the oldest first.
    package internal(set) var invoices: [Invoice] = []
    /// Who placed it, where it was drafted by somebody else, and who cancelled it.
    package var placedBy: String?
    package var cancelledBy: String?

    package init() {}

    package func has(tag: String) -> Bool {
        tags.contains { $0.lowercased() == tag.lowercased() }
    }

    /// - Throws: `invalid-tag` (64).
    package mutating func retag(adding more: [String], removing less: [String]) throws(ShopError) {
        var problems: [ShopError] = []
        for tag in more where !Self.isTag(tag) { problems.append(.invalidTag(tag)) }
        if let error = ShopError.combining(problems) { throw error }
        let gone = Set(less.map { $0.lowercased() })
        tags.removeAll { gone.contains($0.lowercased()) }
        for tag in more where !has(tag: tag) { tags.append(tag) }
    }

    /// Gives addresses; an empty text takes one away.
    ///
    /// - Throws: `invalid-address` (64).
    package mutating func address(billTo: String?, shipTo: String?) throws(ShopError) {
        for text in [billTo, shipTo] { if let text { try Self.check(address: text) } }
        if let billTo { self.billTo = billTo.isEmpty ? nil : billTo }
        if let shipTo { self.shipTo = shipTo.isEmpty ? nil : shipTo }
    }

    mutating func hideFromCustomers() { (notes, tags) = ([], []) }

    private static func isTag(_ text: String) -> Bool {
        (1...40).contains(text.count)
            && text.unicodeScalars.allSatisfy { scalar in
                scalar.properties.isAlphabetic || scalar.properties.numericType != nil
                    || "._-:".unicodeScalars.contains(scalar)
            }
    }

    private static func check(address text: String) throws(ShopError) {
        guard isLine(text, of: 500) else { throw .invalidAddress(text) }
    }

    /// Whether a text is one line of at most so many characters.
    static func isLine(_ text: String, of most: Int) -> Bool {
        text.count <= most
            && !text.unicodeScalars.contains { $0.properties.generalCategory == .control }
    }
}

/// What somebody wrote down about an order.
package struct OrderNote: Sendable, Equatable {
    package let at: Timestamp
    package let by: String
    package let text: String
    var unknown = UnknownMembers()

    /// - Throws: `invalid-note` (64).
    package init(_ text: String, by: String, at time: Timestamp) throws(ShopError) {
        guard !text.isEmpty, OrderDetails.isLine(text, of: 2_000) else { throw .invalidNote }
        self.init(stored: text, by: by, at: time)
    }

    init(stored text: String, by: String, at time: Timestamp) {
        at = time
        self.by = by
        self.text = text
    }
}

extension Order {
    // MARK: - Events

    /// Somebody wrote something down; of an order in any state.
    package mutating func note(_ note: OrderNote) { details.notes.append(note) }

    /// - Throws: `invalid-tag` (64).
    package mutating func retag(
        adding more: [String], removing less: [String]
    ) throws(ShopError) {
        try details.retag(adding: more, removing: less)
    }

    /// Says where the order and its invoice go; an empty text takes an address away. The invoice's
    /// may also be said of a completed order.
    ///
    /// - Throws: `order-not-editable` (5), `invalid-address` (64).
    package mutating func address(billTo: String?, shipTo: String?) throws(ShopError) {
        guard billTo != nil || shipTo != nil else { return }
        guard isEditable || status == .completed && shipTo == nil else { throw .notEditable(self) }
        try details.address(billTo: billTo, shipTo: shipTo)
    }

    /// The order as its customer may see it: without what staff said among themselves.
    package var asCustomersSee: Order {
        var order = self
        order.details.hideFromCustomers()
        return order
    }
}

// MARK: - Stored form

extension OrderDetails {
    /// Reads a member of an order's record if it is one of these.
    mutating func read(
        _ member: JSONName, from reader: inout JSONReader
    ) throws(JSONError) -> Bool {
        switch member {
        case "notes":
            try reader.beginArray()
            while try reader.nextElement() { notes.append(try OrderNote(from: &reader)) }
        case "tags": tags = try reader.strings()
        case "invoices": invoices = try Invoice.all(from: &reader)
        case "billTo": billTo = try reader.string()
        case "shipTo": shipTo = try reader.string()
        case "placedBy": placedBy = try reader.string()
        case "cancelledBy": cancelledBy = try reader.string()
        default: return false
        }
        return true
    }

    func write(to writer: inout JSONWriter) {
        if !notes.isEmpty {
            writer.name("notes")
            writer.beginArray()
            for note in notes { note.write(to: &writer) }
            writer.endArray()
        }
        writer.member("tags", tags)
        if !invoices.isEmpty {
            writer.name("invoices")
            writer.beginArray()
            for invoice in invoices { invoice.write(to: &writer) }
            writer.endArray()
        }
        writer.member("billTo", billTo)
        writer.member("shipTo", shipTo)
        writer.member("placedBy", placedBy)
        writer.member("cancelledBy", cancelledBy)
    }
}

extension OrderNote {
    init(from reader: inout JSONReader) throws(JSONError) {
        var at = Timestamp(millisecondsSinceEpoch: 0)
        var (by, text) = ("", "")
        var unknown = UnknownMembers()
        try reader.beginObject()
        while let member = try reader.nextMember() {
            switch member {
            case "at": at = try reader.timestamp()
            case "by": by = try reader.string()
            case "text": text = try reader.string()
            default: try unknown.keep(member, from: &reader)
            }
        }
        self.init(stored: text, by: by, at: at)
        self.unknown = unknown
    }

    func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("at", at)
        writer.member("by", by)
        writer.member("text", text)
        writer.members(unknown)
        writer.endObject()
    }
}

// MARK: - Errors

extension ShopError {
    static func invalidTag(_ text: String) -> ShopError {
        ShopError(
            .usage, "invalid-tag", "\"\(text)\" is no tag: 1 to 40 letters, digits and . _ - :",
            try: ["gift", "wholesale:spring"])
    }

    static func invalidAddress(_ text: String) -> ShopError {
        ShopError(
            .usage, "invalid-address",
            "an address is one line of at most 500 characters, not \"\(text)\"",
            try: ["--ship-to \"Ana Soto, Main St 1, 10115 Berlin\""])
    }

    static var invalidNote: ShopError {
        ShopError(
            .usage, "invalid-note", "a note is one line of 1 to 2000 characters",
            try: ["--text \"call before delivery\""])
    }
}
