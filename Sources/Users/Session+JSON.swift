package import Formats
import Primitives

extension Session: JSONRecord {
    package init(from reader: inout JSONReader) throws(JSONError) {
        var (tokenHash, user, id): (String?, EmailAddress?, String?)
        var (createdAt, expiresAt): (Timestamp?, Timestamp?)
        var (refreshHash, until, usedAt): (String?, Timestamp?, Timestamp?)
        var (role, name): (Role?, String?)
        var unknown = UnknownMembers()
        try reader.beginObject()
        while let member = try reader.nextMember() {
            switch member {
            case "key": try reader.skip()
            case "tokenHash": tokenHash = try reader.string()
            case "id": id = try reader.string()
            case "user": user = EmailAddress(stored: try reader.string())
            case "createdAt": createdAt = try reader.timestamp()
            case "expiresAt": expiresAt = try reader.timestamp()
            case "refreshHash": refreshHash = try reader.string()
            case "refreshUntil": until = try reader.timestamp()
            case "refreshedAt": usedAt = try reader.timestamp()
            case "role": role = try reader.word()
            case "name": name = try reader.string()
            default: try unknown.keep(member, from: &reader)
            }
        }
        self.init(
            tokenHash: try reader.required(tokenHash, "tokenHash"), id: id,
            user: try reader.required(user, "user"),
            createdAt: try reader.required(createdAt, "createdAt"),
            expiresAt: try reader.required(expiresAt, "expiresAt"))
        if let refreshHash {
            refresh = Refresh(
                tokenHash: refreshHash, until: try reader.required(until, "refreshUntil"),
                usedAt: try reader.required(usedAt, "refreshedAt"))
        }
        if let role { grant = Grant(name: name, role: role) }
        self.unknown = unknown
    }

    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("tokenHash", tokenHash)
        // Sessions of before there were ids have the beginning of their hash for one.
        if !tokenHash.hasPrefix(id) { writer.member("id", id) }
        writer.member("user", user.text)
        writer.member("createdAt", createdAt)
        writer.member("expiresAt", expiresAt)
        if let refresh {
            writer.member("refreshHash", refresh.tokenHash)
            writer.member("refreshUntil", refresh.until)
            writer.member("refreshedAt", refresh.usedAt)
        }
        if let grant {
            writer.member("role", grant.role.rawValue)
            writer.member("name", grant.name)
        }
        writer.members(unknown)
        writer.endObject()
    }
}
