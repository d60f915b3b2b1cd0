import Payments
import Primitives
import ShopCore
import Users

/// `shopctl payment reconcile`.
struct PaymentReconcile: ShopCommand {
    static var name: String { "payment reconcile" }
    static var spec: CommandSpec {
        CommandSpec(
            name, "Find out what became of money whose provider did not answer",
            discussion:
                "Asks each provider once more with the same key, under which it does what it was\n"
                + "asked once at most. Good to run from cron. --outcome records what you found\n"
                + "out by other means, where a provider has forgotten the key.\n\n"
                + "--statement compares a bank's or provider's CSV with the money on record\n"
                + "instead, and changes nothing.\n\n"
                + "With --dry-run no provider is asked, since to ask may move money: what it\n"
                + "would be asked is listed, and the exit code is 0.",
            operand: .any("PAYMENT", "Such as PAY-1001, or the order ORD-1001; none: all")
                .read(by: PaymentTargetID.init(parsing:)),
            options: [
                .value(
                    "outcome", "OUTCOME", "What became of one payment",
                    choices: Shop.Verdict.allCases.map(\.rawValue)),
                .recorded("reference", "TEXT", "With --outcome: the provider's own name for it"),
            ] + StatementFlags.options,
            examples: [
                .init("shopctl payment reconcile"),
                .init(
                    "shopctl payment reconcile PAY-1001 --outcome failed", "the dashboard says so"),
                .init(
                    "shopctl payment reconcile --statement bank.csv --method transfer "
                        + "--period last-month"),
            ],
            exitCodes: [
                .init(.notFound, "there is no such payment or order"),
                .init(.conflict, "--outcome: the payment waits for no answer"),
                .init(.findings, "something is not known yet, or the statement differs"),
                .init(.data, "the statement cannot be read"),
            ],
            mutates: true, permission: .needs(.capturePayments, "--outcome: payment.refund"),
            fields: PaymentColumns.all.headings())
    }

    private let targets: [PaymentTargetID]
    private let outcome: Shop.Verdict?
    private let reference: String?
    private let statement: StatementFlags?

    init(_ arguments: ParsedArguments) throws(ShopError) {
        targets = try arguments.operands(PaymentTargetID.init(parsing:))
        outcome = arguments.value("outcome").flatMap(Shop.Verdict.init(rawValue:))
        reference = arguments.value("reference")
        statement = try StatementFlags(arguments)
        guard outcome != nil || reference == nil else { throw .outcomeMissing }
        guard statement == nil || outcome == nil && targets.isEmpty else {
            throw .statementAlone
        }
        if outcome != nil {
            guard targets.count == 1, case .payment = targets[0].target else {
                throw .outcomeOfOne
            }
        }
    }

    func run(in shop: Shop, _ context: CommandContext) throws(ShopError) -> Report {
        if let statement { return try statement.report(shop, context) }
        if let outcome, case .payment(let number) = targets[0].target {
            let payment = try shop.settlePayment(number, as: outcome, reference: reference)
            return Self.report([payment], "\(number) is \(payment.status.rawValue).")
        }
        let found = try shop.reconcile(targets.map(\.target))
        let problems = found.compactMap(\.problem)
        for problem in problems { context.show(problem, on: context.console) }
        let known = found.filter { $0.problem == nil }.map(\.payment)
        let said = known.map { "\($0.number) is \($0.status.rawValue)." }.joined(separator: " ")
        return Self.report(known, said.isEmpty ? "Nothing is settled." : said)
            .ending(with: problems.isEmpty ? .ok : .findings)
    }

    private static func report(_ payments: [Payment], _ said: String) -> Report {
        .mutation(
            said, next: payments.first.map { ["shopctl payment show \($0.number)"] } ?? [],
            ids: payments.map(\.number.description), PaymentColumns.all, payments)
    }
}

extension ShopError {
    static var outcomeMissing: ShopError {
        ShopError(
            .usage, "outcome-missing", "--reference goes with --outcome", at: "--reference",
            try: ["--outcome succeeded", "--outcome failed"])
    }

    static var statementAlone: ShopError {
        ShopError(
            .usage, "statement-alone", "--statement is about no payment in particular",
            at: "--statement", try: ["shopctl payment reconcile --statement bank.csv"])
    }

    static var outcomeOfOne: ShopError {
        ShopError(
            .usage, "outcome-of-one", "--outcome is about one payment", at: "--outcome",
            try: ["shopctl payment reconcile PAY-1001 --outcome failed"])
    }
}
