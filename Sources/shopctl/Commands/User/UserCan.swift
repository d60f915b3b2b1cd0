import Primitives
import ShopCore
import Users

/// `shopctl user can`.
struct UserCan: ShopCommand {
    static var name: String { "user can" }
    static var spec: CommandSpec {
        CommandSpec(
            name, "Say whether you may do something, or what you may do",
            discussion: "For scripts: exit 0 where you may do all of it, 77 where not. Nothing is\n"
                + "tried and nothing recorded. The table of all roles: shopctl help roles.",
            operand: .any("ACTION", "Such as payment.refund; none: all of them")
                .read(by: Action.init(parsing:)),
            examples: [
                .init("shopctl user can"),
                .init("shopctl user can payment.refund"),
            ],
            exitCodes: [.init(.noPermission, "an action was named that you may not do")],
            permission: .anybody("everybody signed in"), fields: columns.headings())
    }

    /// An action, and whether the person asking may do it.
    struct Answer: Sendable {
        let action: Action
        let isAllowed: Bool
        /// The most of one order, for refunds.
        let upTo: Money?
    }

    static let columns: [Column<Answer>] = [
        .text("action") { $0.action.rawValue },
        .bool("allowed", shown: .always) { $0.isAllowed },
        .text("meaning") { $0.action.phrase },
        .money("upTo", shown: .record) { $0.upTo },
    ]

    private let actions: [Action]

    init(_ arguments: ParsedArguments) throws(ShopError) {
        actions = try arguments.operands(Action.init(parsing:))
    }

    func run(in shop: Shop, _ context: CommandContext) throws(ShopError) -> Report {
        let allowed = try shop.allowedActions()
        let asked = actions.isEmpty ? Action.allCases : actions
        let limit = try shop.refundLimit()
        let answers = asked.map { action in
            let isAllowed = allowed.contains(action)
            let hasLimit = isAllowed && action == .refundPayments
            return Answer(action: action, isAllowed: isAllowed, upTo: hasLimit ? limit : nil)
        }
        let report = Report.list(Self.columns, answers)
        let mayAll = actions.isEmpty || answers.allSatisfy(\.isAllowed)
        return mayAll ? report : report.ending(with: .noPermission)
    }
}
