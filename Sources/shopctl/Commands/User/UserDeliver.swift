import Primitives
import ShopCore
import Users

/// `shopctl user deliver`.
struct UserDeliver: ShopCommand {
    static var name: String { "user deliver" }
    static var spec: CommandSpec {
        CommandSpec(
            name, "Hand the codes in the outbox to the delivery program",
            discussion:
                "The config file names the program: \"delivery\":{\"program\":\"/PATH\"}.\n"
                + "It is started by itself after each command that asks for a code; this\n"
                + "tries again what failed, and says why. It gets a file of outbox/ on\n"
                + "standard input, and a code is sent where it ends with 0. Codes that are\n"
                + "too old are removed. Good to run from cron. With --dry-run the codes are\n"
                + "counted, and the program is not started: nobody knows what it would say.",
            examples: [.init("shopctl user deliver")],
            exitCodes: [
                .init(.partial, "some could not be sent; they stay in the outbox"),
                .init(.config, "the config file names no delivery program"),
            ],
            permission: .needs(.manageUsers), fields: columns.headings())
    }

    private static let columns: [Column<Shop.Delivered>] = [
        .integer("sent", shown: .always) { Int64($0.sent) },
        .integer("over", shown: .always) { Int64($0.over) },
        .integer("failed", shown: .always) { Int64($0.failures.count) },
    ]

    init(_ arguments: ParsedArguments) throws(ShopError) {}

    func run(in shop: Shop, _ context: CommandContext) throws(ShopError) -> Report {
        let result = try shop.deliverCodes(through: context.settings.delivery)
        for failure in result.failures {
            context.show(.notDelivered(failure), on: context.console)
        }
        return Report.records(Self.columns, [result])
            .ending(with: result.failures.isEmpty ? .ok : .partial)
    }
}

extension ShopError {
    static func notDelivered(_ failure: Shop.Delivered.Failure) -> ShopError {
        ShopError(
            .partial, "not-delivered", "a code was not delivered: \(failure.problem)",
            at: "outbox/\(failure.file)", try: ["shopctl user deliver"])
    }
}
