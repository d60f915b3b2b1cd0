import Primitives
import Users

/// The columns of every command that shows accounts. Never a hash.
enum UserColumns {
    static let all: [Column<User>] = [
        .text("email", "E-MAIL") { $0.email.text },
        .text("name", mayBeCut: true) { $0.name },
        .text("role") { $0.role.rawValue },
        .text("state", shown: .wide) { $0.state.rawValue },
        .bool("disabled", shown: .wide) { $0.isDisabled },
        .bool("secondFactor", shown: .record) { $0.hasSecondFactor ? true : nil },
        .time("createdAt") { $0.createdAt },
        .text("phone", shown: .record) { $0.profile.phone },
        .text("address", shown: .record) { $0.profile.address },
        .text("locale", shown: .record) { $0.profile.locale },
    ]
}

/// A signed-in person as `signin` and `whoami` show them.
struct SignedIn: Sendable {
    let user: User
    let session: Session

    static let columns: [Column<SignedIn>] = [
        .text("email", "E-MAIL") { $0.user.email.text },
        .text("name", mayBeCut: true) { $0.user.name },
        .text("role") { $0.user.role.rawValue },
        .time("expiresAt") { $0.session.expiresAt },
    ]
}

/// Sessions and tokens for automation. Never a hash.
enum SessionColumns {
    static let all: [Column<Session>] = [
        .text("id", "ID") { $0.id },
        .text("user") { $0.user.text },
        .text("kind") { $0.grant == nil ? "session" : "token" },
        .text("name", mayBeCut: true) { $0.grant?.name },
        .text("role") { $0.grant?.role.rawValue },
        .time("createdAt") { $0.createdAt },
        .time("usedAt", shown: .wide) { $0.refresh?.usedAt },
        .time("endsAt") { $0.refresh?.until ?? $0.expiresAt },
    ]
}

extension Role {
    /// Of the flags that take one.
    static var optionHelp: String {
        let names = allCases.map(\.rawValue).joined(separator: ", ")
        return "\(names), or a role of the shop's own"
    }
}
