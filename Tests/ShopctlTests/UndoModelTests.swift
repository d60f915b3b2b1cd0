import Primitives
import TestSupport
import Testing

@testable import ShopCore
@testable import shopctl

/// Random commands, some of which are undone at once, some later, and some undone and redone.
@Suite struct UndoModelTests {
    @Test(
        "undoing at once gives back the state before, later it is undone whole or not at all",
        arguments: 1...3 as ClosedRange<UInt64>)
    func model(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let stage = try UndoStage()
        var undone = 0
        for step in 0..<400 {
            let line = Self.line(&random)
            let isCapture = line.hasPrefix("payment capture PAY")
            let before = try stage.state(withHolds: !isCapture)
            let known = try stage.last().number
            guard stage.run(line).code == .ok else { continue }
            let last = try stage.last()
            guard last.number > known else { continue }
            let at: Comment = "\(random), step \(step): \(line)"
            switch random.number(0...5) {
            case 0...2: continue
            case 3:
                try undoSome(before: last.number, in: stage, &random, at)
                continue
            default: break
            }
            let after = try stage.state()
            let outcome = stage.run("undo \(last.number)")
            guard outcome.code == .ok else {
                #expect(Self.refusals.contains(outcome.error?.code ?? ""), "\(at): \(outcome)")
                #expect(try stage.state() == after, at)
                continue
            }
            undone += 1
            #expect(try stage.state(withHolds: !isCapture) == before, at)
            try redo(in: stage, to: after, at)
        }
        #expect(undone > 20, "\(undone)")
        #expect(try stage.shop.violations() == [], "\(random)")
    }

    /// Why a command of these cannot be undone: its kind, or what it asks for.
    private static let refusals = ["not-undoable", "order-not-cancellable", "order-has-payment"]

    /// An undo that can be undone gives back what it had taken back; afterwards all is as it was
    /// before the undo, or before the command.
    private func redo(
        in stage: UndoStage, to after: [String: String], _ at: Comment
    ) throws {
        let undo = try stage.last()
        let taken = try stage.state()
        let outcome = stage.run("undo \(undo.number)")
        #expect(try stage.state() == (outcome.code == .ok ? after : taken), "\(at), redone")
        guard outcome.code == .ok else { return }
        #expect(stage.run("undo \(undo.number)").error?.code == "undone-already", at)
        #expect(stage.run("undo \(try stage.last().number)").code == .ok, at)
        #expect(try stage.state() == taken, "\(at), undone again")
    }

    /// One of the transactions before: it is undone, or nothing changes.
    private func undoSome(
        before last: Int64, in stage: UndoStage, _ random: inout SeededRandom, _ at: Comment
    ) throws {
        let number = random.number(1...last)
        let before = try stage.state()
        let outcome = stage.run("undo \(number)")
        #expect(outcome.code != .usage && outcome.code != .internal, "\(at): \(outcome)")
        if outcome.code != .ok { #expect(try stage.state() == before, "\(at): undo \(number)") }
        #expect(try stage.shop.violations() == [], "\(at): undo \(number)")
    }

    private static func line(_ random: inout SeededRandom) -> String {
        let sku = random.one(of: ["MUG-1", "MUG-1", "PEN-3", "CUP-1", "CUP-2"])
        let order = "ORD-\(1_001 + random.number(0...7))"
        let payment = "PAY-\(1_001 + random.number(0...5))"
        let count = random.number(1...4)
        return random.one(of: [
            "product add \(sku) --name Cup --price \(count) --stock \(count)",
            "product edit \(sku) --price \(count).50 --name 'Thing \(count)'",
            "product edit \(sku) --tag t\(count) --low-stock \(count)",
            "product archive \(sku)", "product restore \(sku)",
            "stock receive \(sku) --quantity \(count)",
            "stock adjust \(sku) --by -\(count) --reason lost",
            "stock write-off \(sku) --quantity \(count) --reason damaged",
            "stock transfer \(sku) --quantity \(count) --to back",
            "stock transfer \(sku) --quantity \(count) --from back",
            "order create --customer ana@x.example --item \(sku)=\(count) --item PEN-3=1",
            "order create --customer bo@x.example --item \(sku)=\(count) --discount 10% --draft",
            "order create --customer bo@x.example --item MUG-1=2 --coupon TEN --region GB",
            "order place \(order)", "order edit \(order) --item \(sku)=\(count)",
            "order edit \(order) --item PEN-3=\(count) --shipping \(count).35",
            "order edit \(order) --remove PEN-3 --ship-to 'Street \(count)'",
            "order cancel \(order) --item \(sku)=1", "order cancel \(order)",
            "order tag \(order) --add t\(count)", "order ship \(order) --item MUG-1=1",
            "order ship \(order)", "order deliver \(order)",
            "order return \(order) --item \(sku)=1 --restock",
            "payment capture \(order) --method cash",
            "payment capture \(order) --method cash --amount \(count).25",
            "payment capture \(payment) --amount \(count)",
            "payment authorize \(order) --amount \(count)", "payment void \(payment)",
            "payment refund \(payment) --amount \(count)",
            "payment capture \(order) --method store-credit --amount 1",
            "payment dispute \(payment) --reason fraudulent", "payment dispute \(payment) --won",
            "balance grant ana@x.example --amount \(count)", "tax set 2\(count) --name VAT",
            "tax remove \(count)", "shipping set POST --price \(count)", "shipping remove POST",
            "coupon add C\(count) --percent 1\(count)", "coupon end C\(count)",
            "user edit --phone '+43 1 23\(count)'", "location add back",
        ])
    }
}
