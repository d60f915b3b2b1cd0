import Catalog
import Primitives
import ShopCore
import Users

/// `shopctl location list`.
struct LocationList: ShopCommand {
    static var name: String { "location list" }
    static var spec: CommandSpec {
        CommandSpec(
            name, "List the places where units are kept",
            examples: [.init("shopctl location list")],
            permission: .needs(.readStock), fields: columns.headings())
    }

    struct Row: Sendable {
        let name: String
        let createdAt: Timestamp

        init(name: String, createdAt: Timestamp) {
            self.name = name
            self.createdAt = createdAt
        }

        init(_ location: StockLocation) {
            self.init(name: location.name.text, createdAt: location.createdAt)
        }
    }

    static let columns: [Column<Row>] = [
        .text("name") { $0.name },
        .time("createdAt") { $0.createdAt },
    ]

    init(_ arguments: ParsedArguments) throws(ShopError) {}

    func run(in shop: Shop, _ context: CommandContext) throws(ShopError) -> Report {
        let main = Row(name: LocationName.main, createdAt: shop.settings.createdAt)
        return .list(Self.columns, [main] + (try shop.locations()).map(Row.init))
    }
}
