import Formats
package import Primitives
import Storage
import Users

/// Reads accounts from JSON Lines, as `export users` and `export all` write them.
package final class UserReader {
    /// The file as errors name it.
    package let name: String
    private let input: ImportInput

    struct Row {
        let line: Int
        let user: ImportedUser
    }

    /// - Parameter read: fills a buffer and returns the count of bytes; 0 at the end.
    package init(
        _ name: String,
        read: @escaping (UnsafeMutableRawBufferPointer) throws(ShopError) -> Int
    ) {
        self.name = name
        input = ImportInput(name, read)
    }

    /// What tells this file from another.
    func identity() throws(ShopError) -> String { try input.identity() }

    /// All rows of the file; what is wrong with others is noted.
    func rows(noting problems: inout RowProblems) throws(ShopError) -> [Row] {
        let lines = JSONLineReader(input)
        var rows: [Row] = []
        func take(_ value: JSONValue, _ line: Int) {
            guard let record = ExportNoun.users.record(in: value) else { return }
            do throws(ShopError) {
                rows.append(Row(line: line, user: try Self.user(record)))
            } catch {
                problems.add(error, line: line)
            }
        }
        if let items = try lines.wholeDocument() {
            for (index, item) in items.enumerated() { take(item, index + 1) }
        } else {
            while let (value, line) = try lines.next(noting: &problems) { take(value, line) }
        }
        return rows
    }

    private static func user(_ value: JSONValue) throws(ShopError) -> ImportedUser {
        guard case .object(let members) = value else {
            throw .notAnObject(JSONCells.render(value))
        }
        guard let email = value["email"] else { throw .addressMissing }
        var user = ImportedUser(try EmailAddress(parsing: try JSONCells.text(email, "email")))
        for member in members {
            let (name, value) = (member.name, member.value)
            if let part = Profile.Part(rawValue: name) {
                try user.profile.set(part, to: try JSONCells.text(value, name))
                continue
            }
            switch name {
            case "role": user.role = try Role(parsing: try JSONCells.text(value, name))
            case "passwordHash": try user.setPasswordHash(try JSONCells.text(value, name))
            case "disabled": user.isDisabled = try JSONCells.bool(value, name) == "true"
            case "state":
                let state = User.State(rawValue: try JSONCells.text(value, name))
                user.isUnconfirmed = state == .unconfirmed
                user.mustReset = state == .forceChangePassword || state == .resetRequired
            case "createdAt":
                user.createdAt = Timestamp(rfc3339: try JSONCells.text(value, name))
            // Secrets of authenticator apps are not exported: who had one enrols it again.
            case "email", "secondFactor": break
            default: throw .unknownMember(name, of: "user")
            }
        }
        return user
    }
}

extension Shop {
    /// Adds the accounts of a file: all of them or none. One that the shop has already, and that
    /// says the same, changes nothing. Who has no password in the file chooses one by a code.
    ///
    /// - Throws: `user-exists` (5) for every row in conflict, `no-permission` (77) for a role that
    ///   the person may not give, and for hashes if it is no owner; rows that are wrong (65).
    package func importUsers(
        _ reader: UserReader, onConflict: ImportConflict
    ) throws(ShopError) -> ImportSummary {
        var noted = RowProblems(file: reader.name)
        let rows = try reader.rows(noting: &noted)
        // One for all of them: it takes a tenth of a second, and nobody knows the password.
        let nobodys = try newHash(Array(Hex.encode(random.next(32)).utf8))
        return try change(.importData, saying: reader.identity) { (work) throws(ShopError) in
            if rows.contains(where: { $0.user.passwordHash != nil }) {
                try work.access.require(.manageOwners)
            }
            var problems = noted
            var summary = ImportSummary()
            var counters = try work.transaction.counters()
            var lines: [String: Int] = [:]
            for row in rows {
                do throws(ShopError) {
                    try roles.checkExists(row.user.role)
                } catch {
                    problems.add(error, line: row.line)
                    continue
                }
                try work.access.requireManaging(row.user.role)
                let email = row.user.email
                if let earlier = lines.updateValue(row.line, forKey: email.folded) {
                    problems.add(row.line, "\(email) stands in line \(earlier) already")
                    continue
                }
                if let known = try work.transaction.find(User.self, Records.user(email)) {
                    if row.user.isLike(known) {
                        summary.unchanged += 1
                    } else if onConflict == .skip {
                        summary.skipped += 1
                    } else {
                        problems.add(.userInConflict(email), line: row.line)
                    }
                    continue
                }
                work.transaction.put(User(row.user, nobodys: nobodys, at: work.at))
                counters.users += 1
                if row.user.role == .owner { counters.owners += 1 }
                summary.created += 1
            }
            do throws(ShopError) {
                try problems.check()
            } catch {
                throw error.ofImport
            }
            work.transaction.put(counters)
            return summary
        }
    }
}

extension ShopError {
    static func userInConflict(_ email: EmailAddress) -> ShopError {
        ShopError(
            .conflict, "user-exists", "\(email) has an account already, with other content",
            try: ["--on-conflict skip"])
    }

    fileprivate static var addressMissing: ShopError {
        ShopError(.data, "address-missing", "the row has no e-mail address", at: "email")
    }
}
