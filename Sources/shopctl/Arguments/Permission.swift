import Users

/// Who may run a command, as far as it can be said beforehand; the shop decides.
struct Permission: Sendable {
    /// What a role has to allow; nil where no role matters.
    let action: Action?
    private let note: String?

    /// - Parameter note: what holds besides.
    static func needs(_ action: Action, _ note: String? = nil) -> Permission {
        Permission(action: action, note: note)
    }

    static func anybody(_ words: String) -> Permission { Permission(action: nil, note: words) }

    /// `owner, manager (payment.refund)`, from the table of roles.
    var text: String {
        guard let action else { return note ?? "" }
        let able = Role.allCases.filter { $0.allows(action) }.map(\.rawValue)
        return "\(able.joined(separator: ", ")) (\(action.rawValue))"
            + (note.map { "; \($0)" } ?? "")
    }
}
