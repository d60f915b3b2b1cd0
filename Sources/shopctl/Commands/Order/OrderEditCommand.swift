import Orders
import Primitives
import ShopCore
import Users

/// `shopctl order edit`.
struct OrderEditCommand: ShopCommand {
    static var name: String { "order edit" }
    static var spec: CommandSpec {
        CommandSpec(
            name, "Change what an order has, as far as it has not left",
            discussion:
                "--item says how many of a SKU the order is to have in all, so that the same\n"
                + "command twice changes it once. Units more are sold at today's price, or yours,\n"
                + "and reserved; units fewer are released. The answer names what is then due.\n"
                + "What is captured beyond the new total is refunded first, or with --refund.",
            operand: .one("ORDER", "Such as ORD-1001").read(by: OrderNumber.init(parsing:)),
            options: [
                .values("item", "SKU=QTY[@PRICE]", "How many of it the order is to have")
                    .read(by: OrderedItem.init(parsing:)),
                .values("remove", "SKU", "None of it").read(by: SKU.init(parsing:)),
                .value("shipping", "PRICE", "What shipping costs the customer"),
                .value("customer", "EMAIL", "Who it is for; of a draft only")
                    .read(by: EmailAddress.init(parsing:)),
                .value(
                    "reference", "TEXT", "Your own name for the order; \"\" for none",
                    acceptsEmpty: true),
                OrderAddresses.shipTo, OrderAddresses.billTo,
                .recorded("reason", "TEXT", "Why"),
                .switch("refund", "Give back first what is captured beyond the new total"),
            ],
            examples: [
                .init("shopctl order edit ORD-1001 --item MUG-1=3 --remove CUP-2 --refund --yes"),
                .init("shopctl order edit ORD-1001 --item TEE-3=1@9.99", "at a price of yours"),
            ],
            exitCodes: [
                .init(.cancelled, "the answer was no"),
                .init(.notFound, "there is no such order or product"),
                .init(.conflict, "it is over, or money would have to be refunded first"),
                .init(.refused, "stock is short, or so many have left already"),
            ],
            mutates: true, permission: .needs(.editOrders, "--refund: payment.refund"),
            fields: OrderColumns.all.headings())
    }

    private let number: OrderNumber
    private let items: [OrderedItem]
    private let shipping: String?
    private let isRefunding: Bool
    private var edit = Shop.OrderEdit()

    init(_ arguments: ParsedArguments) throws(ShopError) {
        number = try arguments.firstOperand(OrderNumber.init(parsing:))
        items = try arguments.values("item", OrderedItem.init(parsing:))
        shipping = arguments.value("shipping")
        isRefunding = arguments.has("refund")
        edit.removed = try arguments.values("remove", SKU.init(parsing:))
        edit.customer = try arguments.value("customer", EmailAddress.init(parsing:))
        edit.reference = arguments.value("reference")
        (edit.billTo, edit.shipTo) = (arguments.value("bill-to"), arguments.value("ship-to"))
        edit.reason = arguments.value("reason")
        guard
            !items.isEmpty || !edit.removed.isEmpty || shipping != nil
                || edit.customer != nil || edit.reference != nil
                || edit.billTo != nil || edit.shipTo != nil
        else { throw .nothingToEdit(number) }
    }

    func run(in shop: Shop, _ context: CommandContext) throws(ShopError) -> Report {
        var wanted = edit
        wanted.items = try shop.requests(items)
        wanted.shipping = try shop.money(shipping, "shipping")
        let change = wanted
        func apply() throws(ShopError) -> Order {
            do throws(ShopError) {
                return try shop.editOrder(number, change, refunding: isRefunding)
            } catch  where error.code == "order-has-payment" {
                var error = error
                error.suggestions.append("shopctl \(context.invocation) --refund")
                throw error
            }
        }
        if isRefunding {
            let earlier = (try? shop.orders([number]))?.first?.refunded
            try context.confirm(
                { order in
                    let back = earlier.flatMap { try? order.refunded.subtracting($0) }
                    let money = back.map { $0.isZero ? "" : " and refund \($0)" } ?? ""
                    return "Change \(number) to \(order.total)\(money)?"
                }, before: apply, in: shop)
        }
        let order = try apply()
        return .mutation(
            "Changed \(order.number): \(Words.units(order.units)), "
                + "\(order.total)\(order.settlement).",
            next: [order.nextForMoney], ids: [order.number.description], OrderColumns.all, [order])
    }
}

extension Shop {
    /// What the items of a line ask for, in the shop's currency.
    func requests(_ items: [OrderedItem], _ flag: String = "item") throws(ShopError)
        -> [ItemRequest]
    {
        var requests: [ItemRequest] = []
        for item in items {
            let price = try money(item.price, flag, named: "price")
            requests.append(ItemRequest(sku: item.sku, quantity: item.quantity, price: price))
        }
        return requests
    }
}

extension Order {
    /// `; 5.00 USD are due`: nothing where nothing is.
    var settlement: String {
        if !due.isZero { return "; \(due) are due" }
        return overpaid.isZero ? "" : "; \(overpaid) are to be refunded"
    }

    /// The command that settles what is due or to be refunded.
    var nextForMoney: String {
        if status == .draft { return "shopctl order place \(number)" }
        if !due.isZero { return "shopctl payment capture \(number) --method card" }
        return overpaid.isZero
            ? "shopctl order show \(number)"
            : "shopctl payment refund \(number) --amount \(overpaid.decimalText)"
    }
}

extension ShopError {
    fileprivate static func nothingToEdit(_ number: OrderNumber) -> ShopError {
        ShopError(
            .usage, "nothing-to-edit", "nothing says what to change of \(number)",
            try: ["--item MUG-1=2", "--remove CUP-2", "--shipping 4.90"])
    }
}
