package import Formats
import Primitives

extension User: JSONRecord {
    package init(from reader: inout JSONReader) throws(JSONError) {
        var (email, role): (EmailAddress?, Role?)
        var profile = Profile()
        var passwordHash: PasswordHash?
        var (createdAt, temporaryUntil): (Timestamp?, Timestamp?)
        var (isDisabled, isUnconfirmed, isResetRequired) = (false, false, false)
        var previousPasswords: [PasswordHash] = []
        var secondFactor: SecondFactor?
        var unknown = UnknownMembers()
        try reader.beginObject()
        while let member = try reader.nextMember() {
            switch member {
            case "key": try reader.skip()
            case "email": email = EmailAddress(stored: try reader.string())
            case "name": profile.name = try reader.string()
            case "phone": profile.phone = try reader.string()
            case "address": profile.address = try reader.string()
            case "locale": profile.locale = try reader.string()
            case "role": role = try reader.word()
            case "passwordHash": passwordHash = PasswordHash(stored: try reader.string())
            case "createdAt": createdAt = try reader.timestamp()
            case "disabled": isDisabled = try reader.bool()
            case "unconfirmed": isUnconfirmed = try reader.bool()
            case "resetRequired": isResetRequired = try reader.bool()
            case "secondFactor": secondFactor = try SecondFactor(from: &reader)
            case "temporaryUntil": temporaryUntil = try reader.timestamp()
            case "previousPasswords":
                previousPasswords = try reader.strings().map(PasswordHash.init(stored:))
            default: try unknown.keep(member, from: &reader)
            }
        }
        self.init(
            email: try reader.required(email, "email"),
            role: try reader.required(role, "role"),
            passwordHash: try reader.required(passwordHash, "passwordHash"),
            at: try reader.required(createdAt, "createdAt"))
        self.profile = profile
        self.isDisabled = isDisabled
        self.isResetRequired = isResetRequired
        self.secondFactor = secondFactor
        self.isUnconfirmed = isUnconfirmed
        self.previousPasswords = previousPasswords
        self.temporaryUntil = temporaryUntil
        self.unknown = unknown
    }

    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("email", email.text)
        writer.member("name", profile.name)
        writer.member("phone", profile.phone)
        writer.member("address", profile.address)
        writer.member("locale", profile.locale)
        writer.member("role", role.rawValue)
        writer.member("passwordHash", passwordHash.text)
        writer.member("createdAt", createdAt)
        if isDisabled { writer.member("disabled", true) }
        if isResetRequired { writer.member("resetRequired", true) }
        if isUnconfirmed { writer.member("unconfirmed", true) }
        writer.member("temporaryUntil", temporaryUntil)
        if !previousPasswords.isEmpty {
            writer.member("previousPasswords", previousPasswords.map(\.text))
        }
        if let secondFactor {
            writer.name("secondFactor")
            secondFactor.write(to: &writer)
        }
        writer.members(unknown)
        writer.endObject()
    }
}
