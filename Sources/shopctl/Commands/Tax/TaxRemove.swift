import Orders
import Primitives
import ShopCore
import Users

/// `shopctl tax remove`.
struct TaxRemove: ShopCommand {
    static var name: String { "tax remove" }
    static var spec: CommandSpec {
        CommandSpec(
            name, "Take rates off the table of taxes",
            discussion: "Orders that were taxed by them stay as they are.",
            operand: .oneOrMore("NUMBER", "As tax list says").read(by: NamedText.count),
            examples: [.init("shopctl tax remove 3")],
            exitCodes: [.init(.notFound, "there is no such rate")],
            mutates: true, permission: .needs(.writePrices), fields: TaxColumns.all.headings())
    }

    private let numbers: [Int64]

    init(_ arguments: ParsedArguments) throws(ShopError) {
        numbers = try arguments.operands(NamedText.count)
    }

    func run(in shop: Shop, _ context: CommandContext) throws(ShopError) -> Report {
        let removed = try shop.removeTaxRates(numbers).items
        let ids = removed.map { String($0.number) }
        return .mutation(
            "Removed \(removed.map(\.name).joined(separator: ", ")).",
            next: ["shopctl tax list"], ids: ids, TaxColumns.all, removed)
    }
}
