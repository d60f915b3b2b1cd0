import Foundation
import Primitives
import Storage
import Testing

/// The recovery table of docs/durability.md, row by row, on the real file system.
@Suite struct RecoveryTests {
    let path = NSTemporaryDirectory() + "store-\(UUID().uuidString)"
    let layout = StoreModelTests.layout

    func open(patience: Int = 200) -> Store {
        Store(path: path, layout: layout, files: PosixFileSystem(), patience: patience)
    }

    func makeStore(lines: Int) throws -> Store {
        let store = open()
        try store.create(settings: Array("{}".utf8), shop: "test")
        for number in 1...lines { try put(store, number) }
        return store
    }

    func put(_ store: Store, _ number: Int) throws {
        try store.transact(StoreModelTests.stamp(number)) { (tx) throws(ShopError) in
            tx.set(RecordKey("items", "k\(number)"), Array("{\"n\":\(number)}".utf8))
        }
    }

    func value(_ store: Store, _ number: Int) throws -> String? {
        try store.read { (view) throws(ShopError) in
            try view.record(RecordKey("items", "k\(number)")).map {
                String(decoding: $0, as: UTF8.self)
            }
        }
    }

    var journal: String { path + "/journal/J-0000000000000001.jsonl" }

    func edit(_ file: String, _ change: (inout Data) -> Void) throws {
        var data = try Data(contentsOf: URL(fileURLWithPath: file))
        change(&data)
        // In place: the lock and the open descriptors stay on the same inode.
        let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: file))
        try handle.truncate(atOffset: 0)
        try handle.write(contentsOf: data)
        try handle.close()
    }

    func code(_ body: () throws -> Void) -> String? {
        do {
            try body()
            return nil
        } catch let error as ShopError {
            return error.code
        } catch {
            return "\(error)"
        }
    }

    @Test("a torn tail is kept in quarantine and cut, and the next commit is a line of its own")
    func tornTail() throws {
        _ = try makeStore(lines: 3)
        try edit(journal) { $0.append(Data("{\"tx\":4,\"at\":\"2026".utf8)) }
        let store = open()
        #expect(try value(store, 3) == "{\"n\":3}")
        try put(store, 4)
        #expect(try value(open(), 4) == "{\"n\":4}")
        let kept = try FileManager.default.contentsOfDirectory(atPath: path + "/quarantine")
            .sorted()
        #expect(kept == ["torn-0000000000000004", "torn-0000000000000004.why.json"])
        let torn = try String(
            contentsOfFile: path + "/quarantine/torn-0000000000000004", encoding: .utf8)
        #expect(torn == "{\"tx\":4,\"at\":\"2026")
    }

    @Test("an old line that the disk shows in a torn tail is no proof of what came after it")
    func staleTail() throws {
        _ = try makeStore(lines: 3)
        try edit(journal) { data in
            let lines = data.split(separator: 0x0a)
            data.append(Data("{\"tx\":4,\"at\":\"2026\n".utf8))
            data.append(lines[0] + [0x0a] + lines[2] + [0x0a])
        }
        try put(open(), 4)
        #expect(try value(open(), 4) == "{\"n\":4}")
    }

    @Test("a tail of NUL bytes, as a power cut leaves it, is torn")
    func nulTail() throws {
        _ = try makeStore(lines: 2)
        try edit(journal) { $0.append(Data(count: 700)) }
        try put(open(), 3)
        #expect(try value(open(), 3) == "{\"n\":3}")
    }

    @Test("acknowledged lines that are gone refuse every write and change nothing")
    func acknowledgedMissing() throws {
        _ = try makeStore(lines: 3)
        try edit(journal) { $0.removeLast(20) }
        let before = try Data(contentsOf: URL(fileURLWithPath: journal))
        #expect(code { try put(open(), 4) } == "acknowledged-data-missing")
        #expect(try Data(contentsOf: URL(fileURLWithPath: journal)) == before)
        let reader = open()
        #expect(try value(reader, 2) == "{\"n\":2}")
        #expect(reader.takeWarnings().count == 1)
    }

    @Test("a bad line with good ones after it refuses writes and reads, and names the line")
    func corruptMiddle() throws {
        _ = try makeStore(lines: 4)
        try edit(journal) { data in
            let at = data.range(of: Data("\"n\":2".utf8)).map(\.lowerBound) ?? 0
            data[at + 4] = UInt8(ascii: "7")
        }
        #expect(code { try put(open(), 5) } == "journal-corrupt")
        #expect(code { _ = try value(open(), 1) } == "journal-corrupt")
    }

    @Test("a repeated or swapped line breaks the chain")
    func splicedLines() throws {
        _ = try makeStore(lines: 4)
        try edit(journal) { data in
            var lines = data.split(separator: 10)
            lines.swapAt(2, 3)
            data = Data(lines.joined(separator: [10])) + [10]
        }
        #expect(code { try put(open(), 5) } == "journal-corrupt")
    }

    @Test("whole lines beyond the watermark are adopted by the next writer")
    func adoption() throws {
        let store = try makeStore(lines: 2)
        let lock = try Data(contentsOf: URL(fileURLWithPath: path + "/LOCK"))
        try put(store, 3)
        try edit(path + "/LOCK") { $0 = lock }
        // Same boot: a reader does not show what nobody said was durable.
        #expect(try value(open(), 3) == nil)
        try put(open(), 4)
        #expect(try value(open(), 3) == "{\"n\":3}")
    }

    @Test("another boot's lines are all durable, whatever the watermark says")
    func otherBoot() throws {
        let store = try makeStore(lines: 2)
        let lock = try Data(contentsOf: URL(fileURLWithPath: path + "/LOCK"))
        try put(store, 3)
        try edit(path + "/LOCK") { $0 = lock }
        try edit(path + "/LOCK") { $0 = Data(repeating: 32, count: 256) }
        #expect(try value(open(), 3) == "{\"n\":3}")
    }

    @Test("a damaged manifest, and one of a newer format, refuse by name")
    func manifests() throws {
        _ = try makeStore(lines: 1)
        let manifest = path + "/MANIFEST.json"
        let good = try Data(contentsOf: URL(fileURLWithPath: manifest))
        try edit(manifest) { $0[20] ^= 1 }
        #expect(code { _ = try value(open(), 1) } == "manifest-damaged")
        try edit(manifest) { $0 = good }
        #expect(code { _ = try value(open(), 1) } == nil)
    }

    @Test("a damaged block of a segment is named and never shown")
    func damagedSegment() throws {
        let store = Store(
            path: path, layout: layout, files: PosixFileSystem(), thresholds: StoreModelTests.tiny)
        try store.create(settings: Array("{}".utf8), shop: "test")
        for number in 1...40 {
            try put(store, number)
            store.maintain()
        }
        try store.maintainFully()
        let directory = path + "/catalog"
        let segments = try FileManager.default.contentsOfDirectory(atPath: directory)
        #expect(!segments.isEmpty)
        for segment in segments { try edit("\(directory)/\(segment)") { $0[30] ^= 4 } }
        var codes: Set<String> = []
        for number in 1...40 {
            if let code = code({ _ = try value(open(), number) }) { codes.insert(code) }
        }
        #expect(codes == ["stored-file-damaged"])
    }

    @Test("a directory that is no shop is refused and not touched")
    func foreign() throws {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        try Data("hello".utf8).write(to: URL(fileURLWithPath: path + "/notes.txt"))
        #expect(code { try open().create(settings: [], shop: "x") } == "not-a-shop")
        #expect(code { try put(open(), 1) } == "not-a-shop")
        #expect(try FileManager.default.contentsOfDirectory(atPath: path) == ["notes.txt"])
    }

    @Test("a writer waits for the lock as long as it was told, then says who holds it")
    func lockWait() throws {
        let store = try makeStore(lines: 1)
        try store.holdingLock { () throws(ShopError) in
            #expect(code { try put(open(patience: 50), 2) } == "data-directory-locked")
            // Readers wait for nobody.
            #expect(code { _ = try value(open(), 1) } == nil)
        }
        try put(open(patience: 50), 2)
    }

    @Test("others get in while the holder of the lock only reads, and it has it again after")
    func pausedLock() throws {
        let store = try makeStore(lines: 1)
        try store.holdingLock { () throws(ShopError) in
            try store.releasingLock { #expect(code { try put(open(patience: 50), 2) } == nil) }
            #expect(code { try put(open(patience: 50), 3) } == "data-directory-locked")
            #expect(code { try put(store, 4) } == nil)
        }
        #expect(code { try put(open(patience: 50), 5) } == nil)
        #expect(try value(open(), 2) != nil)
    }

    @Test("a closure that throws writes nothing")
    func throwingBody() throws {
        let store = try makeStore(lines: 1)
        let before = try Data(contentsOf: URL(fileURLWithPath: journal))
        #expect(
            code {
                try store.transact(StoreModelTests.stamp(2)) { (tx) throws(ShopError) in
                    tx.set(RecordKey("items", "k2"), Array("{}".utf8))
                    throw ShopError(.refused, "no", "no")
                }
            } == "no")
        #expect(try Data(contentsOf: URL(fileURLWithPath: journal)) == before)
    }

    @Test("the data directory is readable by its owner only")
    func modes() throws {
        _ = try makeStore(lines: 1)
        for name in ["", "/shop.json", "/MANIFEST.json", "/LOCK", "/journal"] {
            let attributes = try FileManager.default.attributesOfItem(atPath: path + name)
            let mode = (attributes[.posixPermissions] as? Int ?? 0) & 0o077
            #expect(mode == 0, "\(name)")
        }
    }
}
