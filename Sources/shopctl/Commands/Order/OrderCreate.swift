import Orders
import Primitives
import ShopCore
import Users

/// `shopctl order create`.
struct OrderCreate: ShopCommand {
    static var name: String { "order create" }
    static var spec: CommandSpec {
        CommandSpec(
            name, "Take an order and reserve its units",
            discussion: "All items are checked and reserved together, or nothing is changed. The\n"
                + "customer needs no account. A customer who is signed in orders for themselves,\n"
                + "at the shop's prices.\n\n"
                + "--from takes many: JSON Lines, whose members are these flags, answered by a\n"
                + "line of JSON for each row, in their order. Each row is an order of its own:\n"
                + "those that are refused keep no other back.",
            options: [
                .value("customer", "EMAIL", "Who it is for; required without --from")
                    .read(by: EmailAddress.init(parsing:)),
                .values(
                    "item", "SKU=QTY[@PRICE]",
                    "What is ordered, at the product's price or yours; required without --from"
                ).read(by: OrderedItem.init(parsing:)),
                .value("from", "FILE", "Orders as JSON Lines; - for standard input"),
                .value("shipping", "PRICE", "What shipping costs the customer"),
            ] + PriceFlags.options + [
                .recorded("reference", "TEXT", "Your own name for the order"),
                OrderAddresses.shipTo, OrderAddresses.billTo,
                .values("tag", "TAG", "A word to find it by, such as gift"),
                .recorded("note", "TEXT", "What staff should know"),
                LocationFlag.option,
                .switch("draft", "Write it down without reserving or binding anything"),
            ],
            examples: [
                .init(
                    "shopctl order create --customer ana@x.example --item MUG-1=2 --item CUP-2=1"),
                .init(
                    "shopctl order create --customer ana@x.example --item MUG-1=1 "
                        + "--idempotency-key web-77",
                    "safe to repeat"),
                .init("shopctl order create --from orders.jsonl", "one order a row"),
            ],
            exitCodes: [
                .init(.partial, "some rows of --from were refused"),
                .init(.notFound, "a product does not exist"),
                .init(.conflict, "the idempotency key was used for another order"),
                .init(.refused, "stock is short, or a product is not for sale"),
                .init(.noInput, "there is no file --from"),
            ],
            aliases: ["add"], mutates: true,
            permission: .needs(.createOrders, "customers for themselves"),
            fields: OrderColumns.all.headings())
    }

    /// The members of a row of `--from`.
    static var rowOptions: [OptionSpec] {
        spec.options.filter { $0.name != "from" } + [
            .value("idempotency-key", "KEY", "Makes the row safe to repeat")
        ]
    }

    /// The file of `--from`.
    private let path: String?
    private let customer: EmailAddress?
    private let items: [OrderedItem]
    private let shipping: String?
    private let prices: PriceFlags
    private let reference: String?
    private let note: String?
    private var details = OrderDetails()
    private let location: LocationName?
    private let isDraft: Bool

    init(_ arguments: ParsedArguments) throws(ShopError) {
        path = arguments.value("from")
        if path == nil {
            try arguments.require("customer", "item", of: Self.name)
        } else if let own = Self.rowOptions.dropLast().first(where: { arguments.has($0.name) }) {
            throw .fromOrFlags(own.flag)
        }
        customer = try arguments.value("customer", EmailAddress.init(parsing:))
        items = try arguments.values("item", OrderedItem.init(parsing:))
        shipping = arguments.value("shipping")
        prices = try PriceFlags(arguments)
        reference = arguments.value("reference")
        location = try LocationFlag.location(arguments)
        isDraft = arguments.has("draft")
        note = arguments.value("note")
        try details.retag(adding: arguments.values("tag"), removing: [])
        try details.address(
            billTo: arguments.value("bill-to"), shipTo: arguments.value("ship-to"))
    }

    func answer(
        _ context: CommandContext, opening shop: () throws(ShopError) -> Shop
    ) throws(ShopError) -> Report {
        guard let path else { return try run(in: try shop(), context) }
        let rows = try OrderRows(path, context)
        let shop = try shop()
        return try HeldConsole.answering(context, in: shop) { (console) throws(ShopError) in
            try rows.run(in: shop, console, context)
        }
    }

    func run(in shop: Shop, _ context: CommandContext) throws(ShopError) -> Report {
        guard let customer else {
            return try OrderRows(path ?? "-", context).run(in: shop, context.console, context)
        }
        var request = Shop.OrderRequest(customer: customer, items: try shop.requests(items))
        request.shipping = try shop.money(shipping, "shipping")
        request.prices = try prices.request(in: shop)
        request.reference = reference
        request.location = location
        request.isDraft = isDraft
        request.details = details
        request.note = note
        let order = try shop.createOrder(request)
        let next =
            order.status == .draft
            ? "shopctl order place \(order.number)"
            : "shopctl payment capture \(order.number) --method card"
        return .mutation(
            "Created \(order.number) for \(order.customer): \(Words.units(order.units)), "
                + "\(order.total).",
            next: [next], ids: [order.number.description], OrderColumns.all, [order])
    }
}

extension ShopError {
    fileprivate static func fromOrFlags(_ flag: String) -> ShopError {
        ShopError(
            .usage, "from-or-flags", "--from and \(flag) exclude each other", at: flag,
            why: "the rows of the file say what is ordered",
            try: ["shopctl order create --from orders.jsonl"])
    }
}

/// The flags for the addresses of an order.
enum OrderAddresses {
    static let shipTo = OptionSpec.value(
        "ship-to", "ADDRESS", "Where it goes, on one line", acceptsEmpty: true)
    static let billTo = OptionSpec.value(
        "bill-to", "ADDRESS", "What the invoice says, on one line", acceptsEmpty: true)
}
