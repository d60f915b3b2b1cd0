import Primitives
import Storage
import Users

/// What is known of people, and what they may do.
extension Shop {
    func undoUsers(_ undoing: inout Undoing) throws(ShopError) {
        for change in try undoing.changes(User.self, "users") {
            undoing.attempt { (undoing) throws(ShopError) in
                guard let email = (change.versions.now ?? change.versions.was)?.email else {
                    return
                }
                try undo(change, of: email, &undoing)
            }
        }
    }

    private static let profile = Profile.Part.allCases.map(\.rawValue)

    private func undo(
        _ change: Undoing.Change<User>, of email: EmailAddress, _ undoing: inout Undoing
    ) throws(ShopError) {
        guard let was = change.versions.was else { throw .accountMade(email) }
        guard change.versions.now != nil else { throw .accountGone(email) }
        let work = undoing.work
        let fields = try ChangedFields(change.raw)
        let known = Self.profile + ["disabled", "role"]
        guard fields.names.allSatisfy(known.contains) else { throw .accountSecret(email) }
        let isOwn = work.access.user?.email == email && work.access.grant == nil
        let isProfile = fields.names.allSatisfy(Self.profile.contains)
        guard
            var user = isOwn && isProfile
                ? work.access.user
                : try managedUser(email, by: work.access, in: work.transaction)
        else { throw .noUser(email) }
        let earlier: User = try putBack(fields.names, of: fields, change.key, email.text, undoing)
        user.profile = earlier.profile
        if fields.names.contains("role") { try setRole(was.role, of: &user, in: work) }
        if fields.names.contains("disabled") {
            if was.isDisabled { try disable(&user, in: work) } else { enable(&user, in: work) }
        }
        work.transaction.put(user)
        work.transaction.ids.append(email.text)
        undoing.wrote(email.text, "\(fields.names.joined(separator: ", ")) put back")
    }
}

// MARK: - Errors

extension ShopError {
    static func accountMade(_ email: EmailAddress) -> ShopError {
        .notUndoable(
            email.text, "an account is not unmade: \(email) may be in use",
            try: ["shopctl user disable \(email)", "shopctl user delete \(email)"])
    }

    static func accountGone(_ email: EmailAddress) -> ShopError {
        .notUndoable(
            email.text, "an account that was deleted stays so",
            try: ["shopctl user signup \(email)"])
    }

    static func accountSecret(_ email: EmailAddress) -> ShopError {
        .notUndoable(
            email.text, "passwords, codes and second factors are not put back",
            try: ["shopctl user reset \(email)"])
    }
}
