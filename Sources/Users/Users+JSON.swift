package import Formats
import Primitives

extension User: JSONRecord {
    package init(from reader: inout JSONReader) throws(JSONError) {
        var (email, name, role): (EmailAddress?, String?, Role?)
        var passwordHash: PasswordHash?
        var createdAt: Timestamp?
        var isDisabled = false
        var unknown = UnknownMembers()
        try reader.beginObject()
        while let member = try reader.nextMember() {
            switch member {
            case "key": try reader.skip()
            case "email": email = EmailAddress(stored: try reader.string())
            case "name": name = try reader.string()
            case "role": role = try reader.word()
            case "passwordHash": passwordHash = PasswordHash(stored: try reader.string())
            case "createdAt": createdAt = try reader.timestamp()
            case "disabled": isDisabled = try reader.bool()
            default: try unknown.keep(member, from: &reader)
            }
        }
        self.init(
            email: try reader.required(email, "email"), name: name,
            role: try reader.required(role, "role"),
            passwordHash: try reader.required(passwordHash, "passwordHash"),
            at: try reader.required(createdAt, "createdAt"))
        self.isDisabled = isDisabled
        self.unknown = unknown
    }

    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("email", email.text)
        writer.member("name", name)
        writer.member("role", role.rawValue)
        writer.member("passwordHash", passwordHash.text)
        writer.member("createdAt", createdAt.rfc3339)
        if isDisabled { writer.member("disabled", true) }
        writer.members(unknown)
        writer.endObject()
    }
}

extension Session: JSONRecord {
    package init(from reader: inout JSONReader) throws(JSONError) {
        var (tokenHash, user): (String?, EmailAddress?)
        var (createdAt, expiresAt): (Timestamp?, Timestamp?)
        var unknown = UnknownMembers()
        try reader.beginObject()
        while let member = try reader.nextMember() {
            switch member {
            case "key": try reader.skip()
            case "tokenHash": tokenHash = try reader.string()
            case "user": user = EmailAddress(stored: try reader.string())
            case "createdAt": createdAt = try reader.timestamp()
            case "expiresAt": expiresAt = try reader.timestamp()
            default: try unknown.keep(member, from: &reader)
            }
        }
        self.init(
            tokenHash: try reader.required(tokenHash, "tokenHash"),
            user: try reader.required(user, "user"),
            createdAt: try reader.required(createdAt, "createdAt"),
            expiresAt: try reader.required(expiresAt, "expiresAt"))
        self.unknown = unknown
    }

    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("tokenHash", tokenHash)
        writer.member("user", user.text)
        writer.member("createdAt", createdAt.rfc3339)
        writer.member("expiresAt", expiresAt.rfc3339)
        writer.members(unknown)
        writer.endObject()
    }
}
