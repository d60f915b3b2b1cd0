package import Formats
package import Primitives

/// The roles of one shop: those that every shop has, those of its own, and up to what each may
/// refund.
package struct RoleTable: Sendable, Equatable {
    private var own: [Role: [Action]] = [:]
    /// Minor units that a person may refund of one order.
    private var refundLimits: [Role: Int64] = [:]

    package init() {}

    /// All there are, those of every shop first.
    package var roles: [Role] { Role.allCases + own.keys.sorted { $0.rawValue < $1.rawValue } }

    package func allows(_ role: Role, _ action: Action) -> Bool {
        if role.allows(action) { return true }
        if own.isEmpty, refundLimits.isEmpty { return false }
        // Up to its limit a role may refund, whatever else it may.
        return own[role]?.contains(action) ?? false
            || action == .refundPayments && refundLimits[role] != nil
    }

    /// What somebody of the role may refund of one order; nil: all of it.
    package func refundLimit(of role: Role) -> Int64? { refundLimits[role] }

    /// - Throws: `no-permission` (77).
    package func check(_ role: Role, _ action: Action) throws(ShopError) {
        guard allows(role, action) else {
            throw .notAllowed(role, action, able: roles.filter { allows($0, action) })
        }
    }

    /// - Throws: `unknown-role` (64) for one that this shop does not have.
    package func checkExists(_ role: Role) throws(ShopError) {
        guard roles.contains(role) else { throw .unknownRole(role.rawValue, among: roles) }
    }
}

// MARK: - In shop.json

extension RoleTable {
    /// Reads `{"cashier":["order.create",…]}`.
    package mutating func readRoles(from reader: inout JSONReader) throws(JSONError) {
        own = [:]
        try Self.eachMember(of: &reader) { (role, reader) throws(JSONError) in
            guard !Role.allCases.contains(role) else {
                throw JSONError(
                    offset: reader.offset,
                    reason: "the role \(role.rawValue) is what it is in every shop")
            }
            var actions: [Action] = []
            try reader.beginArray()
            while try reader.nextElement() { actions.append(try reader.word()) }
            own[role] = actions
        }
    }

    /// Reads `{"clerk":5000}`.
    package mutating func readRefundLimits(from reader: inout JSONReader) throws(JSONError) {
        refundLimits = [:]
        try Self.eachMember(of: &reader) { (role, reader) throws(JSONError) in
            let limit = try reader.amount()
            guard limit >= 0 else {
                throw JSONError(offset: reader.offset, reason: "a limit below zero")
            }
            refundLimits[role] = limit
        }
    }

    private static func eachMember(
        of reader: inout JSONReader,
        _ visit: (Role, inout JSONReader) throws(JSONError) -> Void
    ) throws(JSONError) {
        try reader.beginObject()
        while let member = try reader.nextMember() {
            guard let role = Role(rawValue: member.text) else {
                throw JSONError(
                    offset: reader.offset, reason: "\"\(member.text)\" is no name for a role")
            }
            try visit(role, &reader)
        }
    }

    /// Writes both as members of an object that was begun, where they say anything.
    package func write(to writer: inout JSONWriter) {
        func byName<Value>(_ values: [Role: Value]) -> [(Role, Value)] {
            values.sorted { $0.key.rawValue < $1.key.rawValue }.map { ($0.key, $0.value) }
        }
        if !own.isEmpty {
            writer.name("roles")
            writer.beginObject()
            for (role, actions) in byName(own) {
                writer.name(text: role.rawValue)
                writer.beginArray()
                for action in actions.map(\.rawValue).sorted() { writer.string(action) }
                writer.endArray()
            }
            writer.endObject()
        }
        guard !refundLimits.isEmpty else { return }
        writer.name("refundLimits")
        writer.beginObject()
        for (role, limit) in byName(refundLimits) {
            writer.name(text: role.rawValue)
            JSONValue.int(limit).write(to: &writer)
        }
        writer.endObject()
    }
}

extension ShopError {
    package static func notAllowed(_ role: Role, _ action: Action, able: [Role]) -> ShopError {
        let names = able.map(\.rawValue).joined(separator: ", ")
        return ShopError(
            .noPermission, "no-permission",
            "\(role.withArticle) may not \(action.phrase)",
            why: able.isEmpty
                ? "no role may \(action.rawValue)" : "\(action.rawValue) takes one of: \(names)",
            try: ["shopctl user can"],
            details: [.init("role", role.rawValue), .init("action", action.rawValue)])
    }

    /// - Parameter total: of the order, with what was asked for now.
    package static func overRefundLimit(
        _ role: Role, _ limit: Money, total: Money, of order: OrderNumber
    ) -> ShopError {
        ShopError(
            .noPermission, "no-permission",
            "\(role.withArticle) may refund up to \(limit) of an order, and this would make"
                + " \(total) of \(order)",
            at: order.description, why: "what the same person refunded of it before counts too",
            try: ["shopctl user can payment.refund"],
            details: [
                .init("role", role.rawValue), .init("action", Action.refundPayments.rawValue),
                .init("limit", limit.description),
            ])
    }

    static func unknownRole(_ text: String, among roles: [Role] = Role.allCases) -> ShopError {
        let names = roles.map(\.rawValue).joined(separator: ", ")
        return ShopError(
            .usage, "unknown-role", "\"\(text)\" is no role", why: "roles are \(names)",
            try: ["--role clerk"])
    }
}
