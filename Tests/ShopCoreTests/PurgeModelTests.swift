import Foundation
import Primitives
import Storage
import TestSupport
import Testing

@testable import ShopCore

/// A store of records about people, who come, are erased and purged: the past of every moment is
/// what it was, with pseudonyms in the place of those who are gone.
@Suite struct PurgeModelTests {
    typealias Model = [RecordKey: [UInt8]]

    private static let layout = Layout([
        .init("items", in: "catalog"), .init("counts", in: "index"), .init("people", in: "users"),
    ])

    private static func stamp(_ n: Int) -> Stamp {
        Stamp(
            at: Timestamp(millisecondsSinceEpoch: 1_700_000_000_000 + Int64(n)), by: "[test]",
            command: "test \(n)")
    }

    private static func open(_ path: String) -> Store {
        Store(
            path: path, layout: layout, files: PosixFileSystem(), thresholds: ShopModelTests.tiny)
    }

    private struct World {
        var model: Model = [:]
        /// The model after each round, as it is to be shown.
        var versions: [Int: Model] = [:]
        /// Who was erased and not purged yet.
        var due: [PeopleRedaction.Person] = []
        var erasures = 0
    }

    private static func email(_ number: Int64) -> EmailAddress {
        EmailAddress(stored: "p\(number)@x.example")
    }

    /// Some records of some people, set or removed.
    private static func change(
        _ round: Int, _ world: inout World, _ store: Store, _ random: inout SeededRandom
    ) throws {
        var changes: [(RecordKey, [UInt8]?)] = []
        for _ in 0...random.number(0...3) {
            let (who, number) = (email(random.number(0...5)).text, random.number(0...12))
            let key = [
                RecordKey("items", "k\(number)"), RecordKey("counts", who, "\(number)"),
                RecordKey("people", who),
            ][Int(random.number(0...2))]
            let text = String(repeating: "x", count: Int(random.number(0...90)))
            let body = #"{"round":\#(round),"customer":"\#(who)","text":"\#(text)"}"#
            changes.append((key, random.number(0...5) == 0 ? nil : Array(body.utf8)))
        }
        try store.transact(stamp(round)) { tx in
            for (key, body) in changes {
                if let body { tx.set(key, body) } else { tx.remove(key) }
            }
        }
        for (key, body) in changes { world.model[key] = body }
    }

    private static func redacted(
        _ model: Model, _ redaction: Redaction
    ) throws -> Model {
        var result: Model = [:]
        for (key, body) in model {
            let concerns = [key.bytes, body].contains { $0.withUnsafeBytes(redaction.concerns) }
            let pair = concerns ? try redaction.redacted(key, body) : (key, body)
            result[pair.0] = pair.1
        }
        return result
    }

    private static func erase(
        _ round: Int, _ world: inout World, _ store: Store, _ random: inout SeededRandom
    ) throws {
        world.erasures += 1
        let person = PeopleRedaction.Person(
            email: email(random.number(0...5)),
            pseudonym: EmailAddress(stored: "e\(world.erasures)@erased.invalid"), upTo: 0)
        let redaction = Redaction(of: person.email, as: person.pseudonym)
        let after = try redacted(world.model, redaction)
        var erased = person
        try store.transact(stamp(round)) { tx in
            erased.upTo = tx.transaction + 1
            for key in world.model.keys where after[key] == nil { tx.remove(key) }
            for (key, body) in after where world.model[key] != body { tx.set(key, body) }
        }
        world.model = after
        world.due.append(erased)
    }

    private static func purge(_ round: Int, _ world: inout World, _ store: Store) throws {
        let due = world.due
        _ = try store.purge(
            plan: { _ in (PeopleRedaction(due), []) },
            finish: { (tx, facts) in
                tx.set(RecordKey("items", "purge"), Array(#"{"round":\#(round)}"#.utf8))
                return (stamp(round), true)
            }, at: stamp(round).at)
        world.model[RecordKey("items", "purge")] = try store.read { (view) throws(ShopError) in
            try view.record(RecordKey("items", "purge"))
        }
        for person in due {
            let redaction = Redaction(of: person.email, as: person.pseudonym)
            for (old, model) in world.versions where old < person.upTo - 1 {
                world.versions[old] = try redacted(model, redaction)
            }
        }
        world.due = []
    }

    @Test(
        "every moment is what it was, apart from the markers", arguments: [1, 2, 3, 4] as [UInt64])
    func model(seed: UInt64) throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("store")
        var random = SeededRandom(seed: seed)
        var world = World()
        var store = Self.open(path)
        try store.create(settings: Array("{}".utf8), shop: "test")
        var (purges, compared) = (0, 0)
        // The round is the number of the transaction, less one.
        for round in 0..<300 {
            switch random.number(0...30) {
            case 0: try Self.erase(round, &world, store, &random)
            case 1:
                try Self.purge(round, &world, store)
                purges += 1
            default: try Self.change(round, &world, store, &random)
            }
            let last = try store.read { $0.transaction }
            world.versions[last - 1] = world.model
            if random.number(0...2) > 0 { store.maintain() }
            if random.number(0...9) == 0 { store = Self.open(path) }
            guard random.number(0...4) == 0 else { continue }
            for moment in [last - 1, Int(random.number(0...Int64(last - 1)))] {
                guard let model = world.versions[moment] else { continue }
                let time = try Self.at(moment, store)
                try compare(store, model, time, "seed \(seed), \(round): \(moment)")
                compared += 1
            }
            #expect(try store.proveJournal([]).findings.isEmpty)
        }
        #expect(purges > 2 && compared > 50)
    }

    /// When a transaction was.
    private static func at(_ round: Int, _ store: Store) throws -> Timestamp {
        var time: Timestamp?
        try store.history(upTo: round + 1) { entry in
            time = Timestamp(rfc3339: entry.at)
            return false
        }
        return try #require(time)
    }

    private func compare(
        _ store: Store, _ model: Model, _ time: Timestamp, _ at: Comment
    ) throws {
        var found: Model = [:]
        try store.read { (view) throws(ShopError) in
            let past = try store.past(of: view, at: time)
            for collection in Self.layout.collections {
                let prefix = Array("\(collection.name)/".utf8)
                try past.scan(KeyRange(collection: collection.name)) { scanned in
                    found[RecordKey(escaped: prefix + Array(scanned.key))] = Array(scanned.record)
                    return true
                }
            }
        }
        // Records of segments have their key in front.
        let shown = found.mapValues { body in
            let text = String(decoding: body, as: UTF8.self)
            guard text.hasPrefix(#"{"key":"#), let comma = text.firstIndex(of: ",") else {
                return text
            }
            return "{" + text[text.index(after: comma)...]
        }
        #expect(shown == model.mapValues { String(decoding: $0, as: UTF8.self) }, at)
    }
}
