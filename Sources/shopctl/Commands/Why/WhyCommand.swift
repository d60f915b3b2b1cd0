import Primitives
import ShopCore
import Users

/// `shopctl why`.
struct WhyCommand: ShopCommand {
    static var name: String { "why" }
    static var spec: CommandSpec {
        CommandSpec(
            name, "Prove a number from its entries, and name what may follow",
            discussion: """
                Of a SKU, an order, a payment, a gift card or an address with store credit: each
                figure, the entries it comes from with their running sum, and why its states are
                what they are; then the commands that would work now, each of them just tried as a
                dry run. Where a sum is not what is shown, both are named and the command ends
                with 9.

                Of an amount, as 37.40 or "1,250.00 EUR": everything that has it, what is due and
                what moved first; below zero, what went out. It looks through the newest 100,000
                orders and payments, with --all through all.

                ORD-… and PAY-… are what they say; other words are a SKU, else the number of an
                order, else an amount. Where several are possible, it says which it took.
                """,
            operand: .one("THING", "A SKU, ORD-1001, PAY-1001, GC-9f0c1a2b, an address, an amount"),
            options: [
                .value(
                    "kind", "KIND", "What it is, where it could be several",
                    choices: Explanation.Subject.Kind.allCases.map(\.rawValue)),
                .switch("all", "Every movement, not the last ten; all records for an amount"),
            ],
            examples: [
                .init("shopctl why ORD-1001"),
                .init("shopctl why MUG-1 --all", "every movement of its units"),
                .init("shopctl why 37.40", "what a line of the bank's statement is about"),
                .init("shopctl why MUG-1 --as-of yesterday"),
            ],
            exitCodes: [
                .init(.notFound, "there is no such thing, or it is not yours"),
                .init(.findings, "the entries do not come to what is shown"),
            ],
            permission: .needs(
                .readOwnOrders, "a SKU: stock.read; money: payment.read; customers: their orders"),
            fields: WhyColumns.all.headings())
    }

    private let text: String
    private let kind: Explanation.Subject.Kind?
    private let showsAll: Bool

    init(_ arguments: ParsedArguments) throws(ShopError) {
        text = try arguments.firstOperand()
        kind = arguments.value("kind").flatMap(Explanation.Subject.Kind.init(rawValue:))
        showsAll = arguments.has("all")
    }

    func run(in shop: Shop, _ context: CommandContext) throws(ShopError) -> Report {
        let subject: Explanation.Subject
        if let kind {
            subject = try shop.reading(of: text, as: kind)
        } else {
            let readings = try shop.readings(of: text)
            subject = readings[0]
            say(readings, context)
        }
        let trial = NextCommands(shop, context)
        switch subject {
        case .amount(let amount): return try report(on: amount, in: shop, trial, context)
        case .product(let sku):
            let explanation = try shop.explainStock(sku, all: showsAll)
            return Self.report(explanation, try trial.after(sku))
        case .order(let number):
            let explanation = try shop.explainOrder(number)
            return Self.report(explanation, try trial.after(number))
        case .payment(let number):
            let explanation = try shop.explainPayment(number)
            return Self.report(explanation, try trial.after(number))
        case .balance(let id):
            let explanation = try shop.explainBalance(id, all: showsAll)
            return Self.report(explanation, try trial.afterBalance(id))
        }
    }

    /// Says what else the text could be, and how to ask that.
    private func say(_ readings: [Explanation.Subject], _ context: CommandContext) {
        for other in readings.dropFirst() {
            context.notice(
                "\(text) is read as the \(readings[0].kind.rawValue) \(readings[0].name); the "
                    + "\(other.kind.rawValue) \(other.name): shopctl why "
                    + "\(ShellWords.quoted(text)) --kind \(other.kind.rawValue)")
        }
    }

    private static func report(_ explanation: Explanation, _ next: [NextCommand]) -> Report {
        let isProven = explanation.isProven
        let answer = WhyColumns.Answer(
            explanation: explanation, next: isProven ? next : [.doctor])
        var report = Report.records(WhyColumns.all, [answer])
        report.form = .table
        guard !isProven else { return report }
        for figure in explanation.figures where !figure.isProven {
            report.notices.append(
                "\(figure.title) is shown as \(answer.text(figure.shown)), its entries come "
                    + "to \(answer.text(figure.sum)).")
        }
        report.notices += explanation.problems.map { "Wrong: \($0)." }
        return report.ending(with: .findings)
    }

    // MARK: - Amounts

    /// How many matches are shown where not all are.
    private static let mostMatches = 20

    private func report(
        on amount: Money, in shop: Shop, _ trial: NextCommands, _ context: CommandContext
    ) throws(ShopError) -> Report {
        let search = try shop.search(for: amount, all: showsAll)
        let shown = showsAll ? search.matches[...] : search.matches.prefix(Self.mostMatches)
        let rows = shown.map { WhyColumns.Found(match: $0, next: trial.after($0, of: amount)) }
        var report = Report.list(
            WhyColumns.matches, rows, whenEmpty: "Nothing on record has \(amount).")
        let again = "shopctl why \(ShellWords.quoted(text)) --all"
        if shown.count < search.matches.count {
            report.notices.append("\(search.matches.count - shown.count) more have it: \(again)")
        }
        if search.isCut {
            report.notices.append(
                "Looked through the newest \(search.orders) orders and \(search.payments) "
                    + "payments; through all: \(again)")
        }
        return report
    }
}
