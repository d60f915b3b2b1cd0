import Catalog
import Orders
import Payments
import Primitives
import ShopCore
import Users

/// A command that would work if it were typed now.
struct NextCommand: Sendable {
    let line: String
    /// What it does, as its help says.
    let summary: String

    /// What comes next where records are wrong.
    static var doctor: NextCommand { NextCommand(DoctorCommand.spec, []) }

    fileprivate init(_ spec: CommandSpec, _ arguments: [String]) {
        line = ShellWords.line(["shopctl"] + spec.path + arguments)
        summary = spec.summary
    }
}

/// Finds what may follow by trying it: each candidate runs as a dry run, so that the rules, the
/// stock and the permissions of who asks decide, and there is no second table of what is legal.
struct NextCommands {
    private let shop: Shop
    private let context: CommandContext

    init(_ shop: Shop, _ context: CommandContext) {
        self.shop = shop
        self.context = context
    }

    /// A command with what it takes to be about one record; of several that belong together only
    /// the first that works is named.
    struct Candidate {
        let type: any Command.Type
        let arguments: [[String]]

        init(_ type: any Command.Type, _ arguments: [String]...) {
            self.type = type
            self.arguments = arguments
        }
    }

    // MARK: - Candidates

    func after(_ number: OrderNumber) throws(ShopError) -> [NextCommand] {
        guard let order = try shop.orders([number]).first else { return [] }
        return working(Self.candidates(for: order))
    }

    func after(_ number: PaymentNumber) throws(ShopError) -> [NextCommand] {
        guard let payment = try shop.payments([number]).first else { return [] }
        return working(Self.candidates(for: payment))
    }

    func after(_ sku: SKU) throws(ShopError) -> [NextCommand] {
        let short = try shop.products([sku]).first?.stock?.backordered ?? 0
        let places = try shop.locations()
        return working(Self.candidates(for: sku, short: short, in: places.map(\.name)))
    }

    func afterBalance(_ id: String) throws(ShopError) -> [NextCommand] {
        guard id.contains("@") else { return [] }
        return working([Candidate(BalanceGrant.self, [id, "--amount", "1"])])
    }

    /// What to do about a match: take or give back what is due, else look at it more closely.
    func after(_ match: AmountMatch, of amount: Money) -> String? {
        let positive = Money(minorUnits: abs(amount.minorUnits), amount.currency).decimalText
        switch match.what {
        case "due":
            let words = [match.id, "--method", "transfer", "--amount", positive]
            return working([Candidate(PaymentCapture.self, words)]).first?.line
        case "overpaid":
            let words = [match.id, "--amount", positive]
            return working([Candidate(PaymentRefund.self, words)]).first?.line
        default:
            // A day is shown by its report.
            guard match.order != nil || match.id.hasPrefix("GC-") || match.id.contains("@") else {
                return "shopctl report sales --from \(match.id) --to \(match.id)"
            }
            return "shopctl why \(match.id)"
        }
    }

    static func candidates(for order: Order) -> [Candidate] {
        let id = order.number.description
        var list = [
            Candidate(OrderPlace.self, [id]),
            Candidate(PaymentReconcile.self, [id]),
            Candidate(PaymentCapture.self, [id, "--method", "card"]),
            Candidate(PaymentAuthorize.self, [id]),
        ]
        if !order.overpaid.isZero {
            let amount = order.overpaid.decimalText
            list.append(Candidate(PaymentRefund.self, [id, "--amount", amount]))
        }
        list += [
            Candidate(OrderShip.self, [id]),
            Candidate(OrderDeliver.self, [id]),
            Candidate(OrderInvoice.self, [id]),
            Candidate(PaymentVoid.self, [id]),
            Candidate(PaymentRefund.self, [id, "--full"]),
        ]
        let (shipped, back) = (order.shippedCounts, order.returnedCounts)
        let out = order.quantities.map(\.sku).first { (shipped[$0] ?? 0) > (back[$0] ?? 0) }
        if let out {
            let units = "\(out)=1"
            list += [
                Candidate(OrderReturnCommand.self, [id, "--item", units, "--restock"]),
                Candidate(
                    OrderExchange.self, [id, "--item", units, "--for", units, "--restock"]),
            ]
        }
        if let first = order.quantities.first {
            let more = "\(first.sku)=\(first.count + 1)"
            list.append(Candidate(OrderEditCommand.self, [id, "--item", more]))
        }
        list.append(Candidate(OrderCancel.self, [id], [id, "--refund"]))
        return list
    }

    static func candidates(for payment: Payment) -> [Candidate] {
        let id = payment.number.description
        return [
            Candidate(PaymentReconcile.self, [id]),
            Candidate(PaymentCapture.self, [id]),
            Candidate(PaymentVoid.self, [id]),
            Candidate(PaymentRefund.self, [id, "--full"]),
            Candidate(PaymentDispute.self, [id]),
            Candidate(PaymentDispute.self, [id, "--won"]),
            Candidate(PaymentDispute.self, [id, "--lost"]),
        ]
    }

    /// - Parameter short: units that are promised and not there.
    static func candidates(
        for sku: SKU, short: Int64, in places: [LocationName]
    ) -> [Candidate] {
        let id = sku.text
        var list = [
            Candidate(StockReceive.self, [id, "--quantity", String(max(1, short))]),
            Candidate(StockAdjust.self, [id, "--by", "-1", "--reason", "lost"]),
            Candidate(StockWriteOff.self, [id, "--quantity", "1", "--reason", "damaged"]),
        ]
        if let place = places.first {
            list.append(
                Candidate(
                    StockTransfer.self, [id, "--quantity", "1", "--to", place.text],
                    [id, "--quantity", "1", "--from", place.text]))
        }
        return list + [
            Candidate(ProductArchive.self, [id]),
            Candidate(ProductRestore.self, [id]),
        ]
    }

    // MARK: - Trying

    /// Nothing follows in the past.
    private func working(_ candidates: [Candidate]) -> [NextCommand] {
        guard context.settings.asOf == nil else { return [] }
        return candidates.compactMap { candidate in
            let spec = candidate.type.spec
            let words = candidate.arguments.first { works(spec.path + $0) }
            return words.map { NextCommand(spec, $0) }
        }
    }

    private func works(_ words: [String]) -> Bool {
        do throws(ShopError) {
            return try shop.rehearsing { () throws(ShopError) in
                let console = CapturedConsole()
                let flags = ["--dry-run", "--yes", "--format", "jsonl"]
                let code = try context.perform(words + flags, shop, console)
                // What is done already would work, and change nothing.
                return code == .ok && !console.output.isEmpty
            }
        } catch {
            return false
        }
    }
}
