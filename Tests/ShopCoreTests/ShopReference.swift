import Primitives
import ShopCore
import Storage
import Synchronization
import TestSupport

/// What a shop holds after a list of commands when nothing goes wrong: the expected bytes.
///
/// Worked out on a disk of its own by the same code, which `ShopModelTests` compares with a naive
/// model; kept, so that thousands of crash states cost one run.
final class ShopReference: Sendable {
    private struct State: Sendable {
        var disk: SimulatedDisk
        var digest: StoreDigest
    }

    private let commands: [Int: ShopCommand]
    private let states: Mutex<[[Int]: State]>

    init(_ commands: [ShopCommand]) throws {
        self.commands = Dictionary(uniqueKeysWithValues: commands.map { ($0.number, $0) })
        let files = SimulatedFileSystem()
        try ShopSession.make(on: files)
        let digest = try ShopSession(on: files).digest()
        states = Mutex([[]: State(disk: files.disk, digest: digest)])
    }

    /// The digest of the shop after `numbers`, whose invariants hold.
    func digest(after numbers: [Int]) throws -> StoreDigest { try state(after: numbers).digest }

    func count(of kind: ShopCommand.Kind, among numbers: [Int]) -> Int {
        numbers.count { commands[$0]?.kind == kind }
    }

    func contents(after numbers: [Int]) throws -> [String] {
        let files = SimulatedFileSystem(disk: try state(after: numbers).disk)
        return try ShopSession(on: files).contents()
    }

    private func state(after numbers: [Int]) throws -> State {
        if let known = states.withLock({ $0[numbers] }) { return known }
        guard let last = numbers.last else { throw Contradiction("no reference") }
        let files = SimulatedFileSystem(disk: try state(after: numbers.dropLast()).disk)
        let session = try ShopSession(on: files)
        do { try (commands[last] ?? .probe(last)).run(in: session) } catch {
            throw Contradiction("\(last) after \(numbers.dropLast()) is impossible: \(error)")
        }
        let violations = try session.shop.violations()
        guard violations.isEmpty else { throw Contradiction("\(violations) after \(numbers)") }
        let state = State(disk: files.disk, digest: try session.digest())
        states.withLock { $0[numbers] = state }
        return state
    }

    /// Throws what is different between a shop and this after the same commands.
    func compare(
        _ session: ShopSession, _ numbers: [Int], _ when: String, byKey: Bool = false
    ) throws {
        guard try session.digest(byKey: byKey) != digest(after: numbers) else { return }
        let expected = try contents(after: numbers)
        let found = try session.contents()
        let missing = Set(expected).subtracting(found).sorted().prefix(3)
        let extra = Set(found).subtracting(expected).sorted().prefix(3)
        throw Contradiction(
            "\(when): after \(numbers) missing \(missing), not expected \(extra)")
    }
}

/// A random list of commands, each of which changes something.
struct ShopPlan: Sendable {
    /// What stands before the trouble begins.
    private(set) var before: [ShopCommand] = []
    /// What is interrupted: commands that run one by one, or several under one lock.
    private(set) var groups: [[ShopCommand]] = []

    var all: [ShopCommand] { before + groups.joined() }

    /// - Parameter kinds: what to choose from, as often as it stands there.
    init(seed: UInt64, before: Int, then count: Int, _ kinds: [ShopCommand.Kind]) throws {
        var random = SeededRandom(seed: seed)
        let files = SimulatedFileSystem()
        try ShopSession.make(on: files)
        let session = try ShopSession(on: files)
        var commands: [ShopCommand] = []
        let opening = ShopCommand(number: 1, kind: .open, seed: 0)
        try opening.run(in: session)
        commands.append(opening)
        while commands.count < before + count {
            // What was not done yet is tried more often, for it may seldom be possible.
            let missing = kinds.filter { kind in !commands.contains { $0.kind == kind } }
            let choices = missing.isEmpty || random.chance(1, in: 2) ? kinds : missing
            let command = ShopCommand(
                number: commands.count + 1, kind: random.one(of: choices), seed: random.next())
            let last = try session.history().count
            do { try command.run(in: session) } catch is ShopError { continue }
            guard try session.history().count > last else { continue }
            commands.append(command)
            session.shop.maintain()
        }
        self.before = Array(commands.prefix(before))
        for command in commands.dropFirst(before) {
            let joins = groups.last.map { $0.count < 3 } ?? false
            if joins, random.chance(1, in: 4) {
                groups[groups.count - 1].append(command)
            } else {
                groups.append([command])
            }
        }
    }
}
