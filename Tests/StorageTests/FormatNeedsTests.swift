import Formats
import Foundation
import Primitives
import TestSupport
import Testing

@testable import Storage

/// Directories that a newer program wrote: what this one must not read, and what it must not write.
@Suite struct FormatNeedsTests {
    let directory: TemporaryDirectory
    let path: String
    let layout = Layout([.init("items", in: "catalog")])

    init() throws {
        directory = try TemporaryDirectory()
        path = directory.file("shop")
        let store = open()
        try store.create(settings: Array("{}".utf8), shop: "test")
        for number in 1...20 {
            try put(store, number)
            store.maintain()
        }
    }

    func open() -> Store {
        Store(
            path: path, layout: layout, files: PosixFileSystem(), patience: 0,
            thresholds: StoreModelTests.tiny)
    }

    func put(_ store: Store, _ number: Int) throws(ShopError) {
        try store.transact(StoreModelTests.stamp(number)) { (tx) throws(ShopError) in
            tx.set(RecordKey("items", "k\(number)"), Array("{\"n\":\(number)}".utf8))
        }
    }

    func value(_ number: Int) throws(ShopError) -> [UInt8]? {
        try open().read { (view) throws(ShopError) in
            try view.record(RecordKey("items", "k\(number)"))
        }
    }

    func error(_ body: () throws(ShopError) -> Void) -> ShopError? {
        do { try body() } catch { return error }
        return nil
    }

    /// Changes the manifest as a newer program might have written it, with its checksum.
    func rewrite(_ old: String, _ new: String) throws {
        let url = URL(fileURLWithPath: path + "/MANIFEST.json")
        let text = String(decoding: try Data(contentsOf: url).dropLast(19), as: UTF8.self)
        #expect(text.contains(old))
        let changed = text.replacingOccurrences(of: old, with: new)
        try Data(ChecksummedLine.sealing(Array("\(changed)}".utf8))).write(to: url)
    }

    /// Every file with what it holds.
    func files() throws -> [String: Data] {
        var files: [String: Data] = [:]
        for name in try FileManager.default.subpathsOfDirectory(atPath: path) {
            files[name] = FileManager.default.contents(atPath: "\(path)/\(name)")
        }
        return files
    }

    @Test(
        "what needs a newer reader is neither read nor written, whatever its shape",
        arguments: [
            ("\"reader\":1", "\"reader\":2", "format 2"),
            ("\"readerFeatures\":[]", "\"readerFeatures\":[\"blobs\"]", "the feature \"blobs\""),
            ("\"reader\":1,", "\"reader\":3,\"journals\":{\"all\":[]},", "format 3"),
        ])
    func newerReader(_ old: String, _ new: String, _ what: String) throws {
        try rewrite(old, new)
        let before = try files()
        let reading = error { () throws(ShopError) in _ = try value(1) }
        #expect(reading?.code == "format-too-new" && reading?.kind == .data)
        #expect(
            reading?.message.contains("needs \(what)") == true, "\(String(describing: reading))")
        #expect(error { () throws(ShopError) in try put(open(), 21) }?.code == "format-too-new")
        #expect(try files() == before)
    }

    @Test(
        "what needs a newer writer is read, and not written to, folded or loaded into",
        arguments: [
            ("\"writer\":1", "\"writer\":2", "format 2"),
            (
                "\"writer\":1", "\"writer\":2,\"writerFeatures\":[\"a\",\"b\"],\"x\":1",
                "format 2 and the features \"a\", \"b\""
            ),
            ("\"writerFeatures\":[]", "\"writerFeatures\":[\"blobs\"]", "the feature \"blobs\""),
        ])
    func newerWriter(_ old: String, _ new: String, _ what: String) throws {
        let store = open()
        for number in 21...60 { try put(store, number) }
        // What comes last in the line counts.
        if new.contains("writerFeatures"), !old.contains("Features") {
            try rewrite(",\"writerFeatures\":[]", "")
        }
        try rewrite(old, new)
        let before = try files()
        #expect(try value(60) == Array("{\"n\":60}".utf8))
        let writing = error { () throws(ShopError) in try put(open(), 61) }
        #expect(writing?.code == "format-read-only" && writing?.kind == .data)
        #expect(
            writing?.message.contains("needs \(what)") == true, "\(String(describing: writing))")
        let reader = open()
        _ = try reader.read { (view) throws(ShopError) in try view.record(RecordKey("items", "k1"))
        }
        #expect(!reader.maintain())
        let source = BulkSource(name: "x", bytes: 0, crc: 0, records: 0)
        let loading = error { () throws(ShopError) in
            try open().load(StoreModelTests.stamp(62), from: { (_: Void) in source }) {
                (load) throws(ShopError) in
                try load.set(RecordKey("items", "k62"), Array("{}".utf8))
            }
        }
        #expect(loading?.code == "format-read-only")
        #expect(try files() == before)
    }

    @Test("a member that this program does not know changes nothing") func unknownMember() throws {
        try rewrite("\"reader\":1", "\"reader\":1,\"colour\":{\"sky\":[\"blue\"]}")
        #expect(try value(20) == Array("{\"n\":20}".utf8))
        try put(open(), 21)
        #expect(try value(21) != nil)
    }
}
