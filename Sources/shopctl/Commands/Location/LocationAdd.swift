import Catalog
import Primitives
import ShopCore
import Users

/// `shopctl location add`.
struct LocationAdd: ShopCommand {
    static var name: String { "location add" }
    static var spec: CommandSpec {
        CommandSpec(
            name, "Add a place where units are kept",
            discussion:
                "Every shop has the place main. Where a command says nothing else, units arrive\n"
                + "there, are promised there and leave from there.",
            operand: .one("NAME", "Letters, digits, '-' and '_'").read(by: LocationName.parse),
            examples: [.init("shopctl location add warehouse")],
            mutates: true, permission: .needs(.adjustStock), fields: LocationList.columns.headings()
        )
    }

    private let location: LocationName?

    init(_ arguments: ParsedArguments) throws(ShopError) {
        location = try arguments.firstOperand(LocationName.parse)
    }

    func run(in shop: Shop, _ context: CommandContext) throws(ShopError) -> Report {
        guard let location else { throw .mainIsThere }
        let added = try shop.addLocation(location)
        return .mutation(
            "Units can be kept at \(added.name).",
            next: ["shopctl stock transfer MUG-1 --quantity 5 --to \(added.name)"],
            ids: [added.name.text], LocationList.columns, [.init(added)])
    }
}

extension ShopError {
    static var mainIsThere: ShopError {
        ShopError(
            .conflict, "main-is-there", "every shop has the place main",
            try: ["shopctl location list"])
    }
}
