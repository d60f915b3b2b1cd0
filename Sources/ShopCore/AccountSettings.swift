package import Formats
import Primitives
package import Users

/// What a shop asks of passwords and sessions: the object `accounts` of shop.json, where it says
/// anything else than usual.
package struct AccountSettings: Sendable, Equatable {
    /// Fewest characters of a password.
    package var passwordLength = Int64(PasswordPolicy.usualLength)
    /// How many earlier passwords may not come back.
    package var passwordHistory: Int64 = 4
    /// Of yescrypt. Where it rises, hashes follow with the next sign-in.
    package var passwordCost = Int64(PasswordHash.defaultCost)
    /// How long a session's access token is good for.
    package var accessMinutes: Int64 = 60
    /// How long after signing in a session can be refreshed.
    package var refreshDays: Int64 = 30
    /// After so long without a refresh it cannot.
    package var idleDays: Int64 = 14

    /// Whether an account that somebody made for themselves waits for a code.
    package var confirmAddresses = false

    /// The shop's roles and their limits.
    package var roles = RoleTable()
    /// Whoever has one of these roles signs in with a code beside the password.
    package var secondFactorRoles: [Role] = []

    package init() {}

    var cost: UInt { UInt(passwordCost) }
}

extension AccountSettings: JSONRecord {
    package init(from reader: inout JSONReader) throws(JSONError) {
        try reader.beginObject()
        while let member = try reader.nextMember() {
            switch member {
            case "passwordLength":
                let most = Int64(PasswordPolicy.mostCharacters)
                let fewest = Int64(PasswordPolicy.possibleLengths.lowerBound)
                passwordLength = try reader.number(in: fewest...most, "passwordLength")
            case "passwordHistory":
                passwordHistory = try reader.number(in: 0...24, "passwordHistory")
            case "passwordCost": passwordCost = try reader.number(in: 1...11, "passwordCost")
            case "accessMinutes":
                accessMinutes = try reader.number(in: 1...1_440, "accessMinutes")
            case "refreshDays": refreshDays = try reader.number(in: 1...365, "refreshDays")
            case "roles": try roles.readRoles(from: &reader)
            case "refundLimits": try roles.readRefundLimits(from: &reader)
            case "secondFactorRoles":
                secondFactorRoles = []
                try reader.beginArray()
                while try reader.nextElement() { secondFactorRoles.append(try reader.word()) }
            case "confirmAddresses": confirmAddresses = try reader.bool()
            case "idleDays": idleDays = try reader.number(in: 1...365, "idleDays")
            default: try reader.skip()
            }
        }
    }

    package func write(to writer: inout JSONWriter) {
        let usual = AccountSettings()
        func member(_ name: StaticString, _ part: KeyPath<AccountSettings, Int64>) {
            guard self[keyPath: part] != usual[keyPath: part] else { return }
            writer.member(name, self[keyPath: part])
        }
        writer.beginObject()
        member("passwordLength", \.passwordLength)
        member("passwordHistory", \.passwordHistory)
        member("passwordCost", \.passwordCost)
        member("accessMinutes", \.accessMinutes)
        member("refreshDays", \.refreshDays)
        member("idleDays", \.idleDays)
        if confirmAddresses { writer.member("confirmAddresses", true) }
        roles.write(to: &writer)
        if !secondFactorRoles.isEmpty {
            writer.member("secondFactorRoles", secondFactorRoles.map(\.rawValue))
        }
        writer.endObject()
    }
}

extension JSONReader {
    /// A number that a person may have typed into shop.json.
    fileprivate mutating func number(
        in range: ClosedRange<Int64>, _ name: String
    ) throws(JSONError) -> Int64 {
        let start = offset
        let value = try int64()
        guard range.contains(value) else {
            throw JSONError(
                offset: start,
                reason: "\(name) is not between \(range.lowerBound) and \(range.upperBound)")
        }
        return value
    }
}
