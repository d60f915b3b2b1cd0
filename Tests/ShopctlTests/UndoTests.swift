import Foundation
import Primitives
import TestSupport
import Testing

@testable import ShopCore
@testable import shopctl

/// What `undo` makes of every command that changes something: the shop as it was before, or a
/// reason why not.
@Suite struct UndoTests {
    @Test("somebody has decided of every command that changes something what undo makes of it")
    func everyCommand() {
        let names = Set(CommandTable.all.filter { $0.spec.mutates }.map { $0.name })
        let decided = Set(UndoTrial.all.keys).union(UndoTrial.without.keys)
        #expect(names.subtracting(decided) == [])
        #expect(decided.subtracting(names) == [])
    }

    @Test(
        "every command that changes something is undone, or refused with the reason",
        arguments: UndoTrial.all.keys.sorted())
    func trials(of command: String) throws {
        for trial in UndoTrial.all[command] ?? [] { try check(trial, of: command) }
    }

    private func check(_ trial: UndoTrial, of command: String) throws {
        let stage = try UndoStage()
        for line in trial.before { try stage.prepare(line) }
        let before = try stage.state(withHolds: !trial.endsHold)
        try stage.succeed(trial.line)
        let last = try stage.last()
        let name = "\(trial.line), undone"
        #expect(last.command.hasPrefix(command), "\(trial.line) wrote nothing")
        let after = try stage.state(withHolds: !trial.endsHold)
        let dry = stage.run("undo \(last.number) --dry-run")
        #expect(try stage.last().number == last.number, "\(name): a dry run wrote something")
        let outcome = stage.run("undo \(last.number)")
        #expect(dry.error?.code == outcome.error?.code, "\(name)")
        #expect(outcome.error?.code == trial.refusal, "\(name): \(String(describing: outcome))")
        if trial.refusal == nil {
            #expect(before != after, "\(trial.line) changed nothing that is compared")
            try expect(stage.state(withHolds: !trial.endsHold), toBe: before, name)
            #expect(stage.run("undo \(last.number)").error?.code == "undone-already", "\(name)")
        } else {
            #expect(trial.refusal != "not-undoable" || outcome.code == .refused)
            try expect(stage.state(), toBe: after, name)
        }
        #expect(try stage.shop.violations() == [], "\(name)")
    }

    private func expect(
        _ actual: [String: String], toBe expected: [String: String], _ name: String
    ) {
        for key in Set(actual.keys).union(expected.keys).sorted() {
            #expect(actual[key] == expected[key], "\(name): \(key)")
        }
    }
}
