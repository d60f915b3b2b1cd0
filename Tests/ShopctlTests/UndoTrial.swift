/// A command, and what undoing it comes to.
struct UndoTrial {
    /// Lines that come before, each of which must succeed unless it begins with `?`; `clock 20m`
    /// lets time pass.
    var before: [String] = []
    let line: String
    /// The error by which the undo is refused; nil: it gives back the state before.
    var refusal: String?

    /// Whether what was taken of a hold is not held again.
    var endsHold = false

    init(
        _ line: String, after before: [String] = [], refusal: String? = nil,
        endsHold: Bool = false
    ) {
        self.before = before
        self.line = line
        self.refusal = refusal
        self.endsHold = endsHold
    }

    private static let order = "order create --customer ana@x.example --item MUG-1=2"
    private static let shipped = [order, "order ship ORD-1001"]
    private static let paid = [order, "payment capture ORD-1001 --method cash"]
    private static let held = [order, "payment authorize ORD-1001 --amount 15"]
    private static let disputed = paid + ["payment dispute PAY-1001 --reason fraudulent"]
    private static let taxed = "tax set 20 --country GB --name VAT"
    private static let bo = "user signup bo@shop.example --role clerk --password-file ./secret.txt"

    /// Why these write nothing that could be undone; each of the others has trials.
    static let without: [String: String] = [
        "init": "it makes the shop", "doctor": "it mends what follows from records",
        "run": "each of its lines is a transaction of its own",
        "user confirm": "takes a code", "user accept": "takes a code",
        "user recover": "takes a code",
        "user totp confirm": "takes a code", "user totp remove": "takes a code",
        "user signout": "ends the session that would undo it",
        "user session revoke": "as signing out",
    ]

    static let all: [String: [UndoTrial]] = [
        "product add": [
            .init("product add CUP-2 --name Cup --price 5 --stock 7"),
            .init("product add CUP-2 --name Cup --price 5 --untracked"),
        ],
        "product edit": [
            .init("product edit MUG-1 --price 12 --name 'Big mug' --tag tea --low-stock 3"),
            .init("product edit MUG-1 --sale-price 8 --barcode 4006381333931"),
            .init("product edit PEN-3 --tracked"),
            .init("product edit PEN-3 --untracked", after: ["product edit PEN-3 --tracked"]),
        ],
        "product bulk-edit": [.init("product bulk-edit --price-by +5% --add-tag gift")],
        "product archive": [.init("product archive MUG-1 PEN-3")],
        "product restore": [.init("product restore MUG-1", after: ["product archive MUG-1"])],
        "stock receive": [
            .init("stock receive MUG-1 --quantity 5"),
            .init("stock receive MUG-1 --quantity 5 --location back"),
            .init("stock receive PEN-3 --quantity 5"),
        ],
        "stock adjust": [
            .init("stock adjust MUG-1 --by -3 --reason lost"),
            .init("stock adjust MUG-1 --by 3 --reason found"),
        ],
        "stock write-off": [.init("stock write-off MUG-1 --quantity 2 --reason damaged")],
        "stock count": [.init("stock count ./shelf.txt")],
        "stock transfer": [
            .init("stock transfer MUG-1 --quantity 4 --to back"),
            .init(
                "stock transfer MUG-1 --quantity 1 --from back",
                after: ["stock transfer MUG-1 --quantity 4 --to back"]),
        ],
        "location add": [.init("location add attic")],
        "order create": [
            .init(order), .init(order + " --draft"), .init(order + " --coupon TEN"),
            .init(
                order + " --location back",
                after: ["stock receive MUG-1 --quantity 5 --location back"]),
            .init(order + " --shipping 4.50 --discount 10%"),
        ],
        "order place": [
            .init("order place ORD-1001", after: [order + " --draft"], refusal: "not-undoable")
        ],
        "order edit": [
            .init("order edit ORD-1001 --item MUG-1=5 --item PEN-3=1", after: [order]),
            .init("order edit ORD-1001 --item MUG-1=1 --shipping 3", after: [order]),
            .init(
                "order edit ORD-1001 --item MUG-1=1 --item PEN-3=2",
                after: [taxed, order + " --region GB --discount 10% --shipping 4.55"]),
            .init(
                "order edit ORD-1001 --remove MUG-1 --item PEN-3=2 --customer bo@x.example",
                after: [order + " --draft"]),
            .init(
                "order edit ORD-1001 --reference W-1 --ship-to 'Main St 1' --bill-to 'Main St 2'",
                after: [order]),
            .init(
                "order edit ORD-1001 --item MUG-1=1 --refund", after: paid, refusal: "not-undoable"
            ),
        ],
        "order note": [
            .init("order note ORD-1001 --text hello", after: [order], refusal: "not-undoable")
        ],
        "order tag": [
            .init("order tag ORD-1001 --add gift", after: [order]),
            .init(
                "order tag ORD-1001 --add late --remove gift",
                after: [order, "order tag ORD-1001 --add gift --add new"]),
        ],
        "order ship": [.init("order ship ORD-1001", after: [order], refusal: "not-undoable")],
        "order deliver": [.init("order deliver ORD-1001", after: shipped)],
        "order return": [
            .init(
                "order return ORD-1001 --item MUG-1=1 --restock", after: shipped,
                refusal: "not-undoable")
        ],
        "order exchange": [
            .init(
                "order exchange ORD-1001 --item MUG-1=1 --for PEN-3=1 --restock", after: shipped,
                refusal: "not-undoable")
        ],
        "order cancel": [
            .init("order cancel ORD-1001", after: [order], refusal: "not-undoable"),
            .init("order cancel ORD-1001 --item MUG-1=1", after: [order]),
        ],
        "order expire": [
            .init(
                "order expire --older-than 10m", after: [order, "clock 20m"],
                refusal: "not-undoable")
        ],
        "order invoice": [
            .init("order invoice ORD-1001", after: [order], refusal: "not-undoable")
        ],
        "customer merge": [
            .init(
                "customer merge ana@x.example --into bo@shop.example",
                after: [bo, order + " --coupon TEN", order])
        ],
        "payment authorize": [.init("payment authorize ORD-1001 --amount 15", after: [order])],
        "payment capture": [
            .init("payment capture ORD-1001 --method cash", after: [order]),
            .init("payment capture ORD-1001 --method cash --amount 7", after: [order]),
            .init("payment capture ORD-1001 --method card", after: shipped),
            .init("payment capture PAY-1001 --amount 5", after: held, endsHold: true),
            .init(
                "payment capture ORD-1001 --provider sandbox --token tok_ok", after: [order],
                refusal: "not-undoable"),
            .init(
                "payment capture ORD-1001 --method store-credit --amount 5",
                after: [order, "balance grant ana@x.example --amount 8"]),
        ],
        "payment reconcile": [
            .init(
                "payment reconcile",
                after: [
                    order, "? payment capture ORD-1001 --provider sandbox --token tok_lost_after",
                ],
                refusal: "not-undoable")
        ],
        "payment void": [
            .init("payment void PAY-1001", after: held, refusal: "not-undoable")
        ],
        "payment refund": [
            .init("payment refund PAY-1001 --amount 3", after: paid, refusal: "not-undoable")
        ],
        "payment dispute": [
            .init("payment dispute PAY-1001 --reason fraudulent", after: paid),
            .init("payment dispute PAY-1001 --won", after: disputed),
            .init("payment dispute PAY-1001 --lost", after: disputed, refusal: "not-undoable"),
        ],
        "balance issue": [.init("balance issue --amount 50")],
        "balance grant": [
            .init("balance grant ana@x.example --amount 5"),
            .init(
                "balance grant ana@x.example --amount 5",
                after: ["balance grant ana@x.example --amount 8"]),
        ],
        "coupon add": [.init("coupon add SPRING --percent 10 --minimum 20")],
        "coupon end": [.init("coupon end TEN")],
        "shipping set": [
            .init("shipping set PARCEL --price 9"), .init("shipping set POST --price 9"),
        ],
        "shipping remove": [.init("shipping remove POST")],
        "tax set": [
            .init(taxed), .init("tax set 25 --country GB --name VAT", after: [taxed]),
        ],
        "tax remove": [.init("tax remove 1", after: [taxed])],
        "tax import": [.init("tax import -f ./rates.csv", after: [taxed])],
        "import products": [
            .init("import products -f ./products.csv --on-conflict update"),
            .init("import products -f ./many.csv", refusal: "not-undoable"),
        ],
        "import orders": [
            .init("import orders -f ./orders.csv"),
            .init("import orders -f ./history.csv", refusal: "order-not-cancellable"),
        ],
        "import balances": [.init("import balances -f ./balances.jsonl")],
        "import users": [.init("import users -f ./users.jsonl", refusal: "not-undoable")],
        "day close": [.init("day close 2020-01-01", refusal: "not-undoable")],
        "user signup": [.init(bo, refusal: "not-undoable")],
        "user invite": [
            .init("user invite cy@shop.example --role clerk", refusal: "not-undoable")
        ],
        "user signin": [
            .init("user signin you@shop.example --password-file ./own.txt", refusal: "not-undoable")
        ],
        "user resend": [
            .init(
                "user resend cy@shop.example",
                after: ["user invite cy@shop.example --role clerk"], refusal: "not-undoable")
        ],
        "user forgot": [.init("user forgot bo@shop.example", after: [bo], refusal: "not-undoable")],
        "user passwd": [
            .init(
                "user passwd --password-file ./own.txt --new-password-file ./secret.txt",
                refusal: "not-undoable")
        ],
        "user totp enroll": [
            .init("user totp enroll --password-file ./own.txt", refusal: "not-undoable")
        ],
        "user reset": [
            .init(
                "user reset bo@shop.example --password-file ./other.txt", after: [bo],
                refusal: "not-undoable")
        ],
        "user edit": [
            .init("user edit --name You --phone '+43 1 234'"),
            .init("user edit bo@shop.example --locale de-AT", after: [bo]),
        ],
        "user role": [
            .init("user role bo@shop.example --to manager", after: [bo]),
            .init("user role bo@shop.example --to owner", after: [bo]),
        ],
        "user disable": [.init("user disable bo@shop.example", after: [bo])],
        "user enable": [
            .init("user enable bo@shop.example", after: [bo, "user disable bo@shop.example"])
        ],
        "user delete": [
            .init("user delete bo@shop.example", after: [bo], refusal: "not-undoable"),
            .init(
                "user delete bo@shop.example --erase", after: [bo], refusal: "not-undoable"),
        ],
        "user purge": [
            .init(
                "user purge", after: [bo, "user delete bo@shop.example --erase"],
                refusal: "not-undoable")
        ],
        "user token create": [
            .init("user token create --role clerk --expires 90d", refusal: "not-undoable")
        ],
        "undo": [.init("undo 2", after: ["stock receive MUG-1 --quantity 5"])],
    ]
}
