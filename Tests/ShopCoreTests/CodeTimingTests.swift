import Primitives
import Storage
import TestSupport
import Testing
import Users

@testable import ShopCore

/// Whoever asks for a code learns nothing by waiting for the answer.
@Suite struct CodeTimingTests {
    private let files = SimulatedFileSystem()
    private let shop: Shop
    private let hands = KeyRetentionTests.Hands()

    init() throws {
        let store = Shop.store(at: "/mugs", files: files)
        let settings = """
            {"shopctl":"shop","format":1,"reader":1,"writer":1,"readerFeatures":[],\
            "writerFeatures":[],"id":"5f0c","currency":"EUR","timeZone":"UTC",\
            "createdAt":"2026-11-23T18:31:07.000Z",\
            "accounts":{"passwordCost":1,"confirmAddresses":true}}

            """
        try store.create(settings: Array(settings.utf8), shop: "5f0c")
        shop = try Shop(
            store, clock: hands.clock, random: .seeded(1), request: .init(command: "test"))
        for name in ["owner", "ana12", "max12"] {
            let email = try EmailAddress(parsing: "\(name)@x.example")
            _ = try shop.signUp(.init(email: email, password: Array("gnu-lathe-violet".utf8)))
            hands.advance(milliseconds: 120_000)
        }
    }

    /// What the file system is asked for while a code is: kinds, sizes, and how often it is looked
    /// at. A name that is given and one that is taken away count the same.
    private func calls(
        for name: String, _ purpose: OneTimeCode.Purpose
    ) throws -> (changes: [String], looks: Int) {
        let (before, looks) = (files.calls.count, files.looks)
        try shop.sendCode(to: EmailAddress(parsing: "\(name)@x.example"), purpose)
        hands.advance(milliseconds: 120_000)
        let changes = files.calls[before...].map { call in
            switch call.kind {
            case .rename, .unlink: "a name"
            default: "\(call.kind.rawValue) \(call.count)"
            }
        }
        return (changes, files.looks - looks)
    }

    @Test(
        "for an account, for nobody and for who may not use one the same calls are made",
        arguments: [OneTimeCode.Purpose.recover, .confirm])
    func same(purpose: OneTimeCode.Purpose) throws {
        // Both have been asked for equally often before, signing up counted.
        _ = try calls(for: "ana12", purpose)
        for _ in 0..<(purpose == .confirm ? 2 : 1) { _ = try calls(for: "eve12", purpose) }
        let account = try calls(for: "ana12", purpose)
        let nobody = try calls(for: "eve12", purpose)
        #expect(account.changes == nobody.changes && account.changes.count > 5)
        #expect(account.looks == nobody.looks)
        let outbox = try files.entries("/mugs/outbox")
        #expect(outbox.allSatisfy { $0.hasSuffix(".json") })
        // Only who may use it has one.
        let sent = try outbox.map { try contents("/mugs/outbox/\($0)") }
        #expect(sent.filter { $0.contains("ana12") }.count > 1)
        #expect(!sent.contains { $0.contains("eve12") })
    }

    private func contents(_ path: String) throws -> String {
        let file = try files.open(path, .read)
        defer { files.close(file) }
        var bytes = [UInt8](repeating: 0, count: 4_096)
        let count = try bytes.withUnsafeMutableBytes { try files.read(file, into: $0, at: 0) }
        return String(decoding: bytes[..<count], as: UTF8.self)
    }
}
