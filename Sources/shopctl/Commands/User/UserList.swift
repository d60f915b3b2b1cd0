import Primitives
import ShopCore
import Users

/// `shopctl user list`.
struct UserList: ShopCommand {
    static var name: String { "user list" }
    static var spec: CommandSpec {
        CommandSpec(
            name, "List accounts",
            options: [
                .value("role", "ROLE", "Only these").read(by: Role.init(parsing:))
            ] + RowSelection.options,
            examples: [.init("shopctl user list --role clerk")], permission: .needs(.manageUsers),
            fields: UserColumns.all.headings())
    }

    private let role: Role?
    private let rows: RowSelection

    init(_ arguments: ParsedArguments) throws(ShopError) {
        role = try arguments.value("role", Role.init(parsing:))
        rows = try RowSelection(arguments, among: UserColumns.all.headings())
    }

    func run(in shop: Shop, _ context: CommandContext) throws(ShopError) -> Report {
        let role = role
        return .list(
            rows.listing(UserColumns.all, whenEmpty: "No accounts match.") {
                visit throws(ShopError) in
                try shop.eachUser { (user) throws(ShopError) in
                    role == nil || user.role == role ? try visit(user) : true
                }
            })
    }
}
