import Formats
import Foundation
import Orders
import Payments
import Primitives
import Storage
import TestSupport
import Testing
import Users

@testable import ShopCore

/// Taking people who were erased out of the journal and of older files.
@Suite struct PurgeTests {
    let erasure: ErasureTests
    var shop: Shop { erasure.shop }
    var stage: SigninTests { erasure.stage }
    private var root: String { stage.directory.file("mugs") }

    init() throws {
        erasure = try ErasureTests()
        // The commands that tests run are not typed; this one says what they may say.
        erasure.shop.request.command =
            "order create --note 'Marker Lane 5' --customer ana@x.example"
    }

    /// Files of the data directory in which a text stands, whatever its case.
    private func files(with text: String) throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: root).filter { name in
            var isDirectory: ObjCBool = false
            _ = FileManager.default.fileExists(atPath: "\(root)/\(name)", isDirectory: &isDirectory)
            guard !isDirectory.boolValue else { return false }
            let data = try Data(contentsOf: URL(fileURLWithPath: "\(root)/\(name)"))
            return String(decoding: data, as: UTF8.self).lowercased().contains(text.lowercased())
        }.sorted()
    }

    private func proof() throws -> AuditProof {
        try Auditor(root, clock: stage.hands.clock, random: .seeded(5)).prove()
    }

    /// Orders as they were shown at a moment.
    private func orders(at time: Timestamp) throws -> [String] {
        shop.request.asOf = time
        defer { shop.request.asOf = nil }
        var shown: [String] = []
        try shop.read(.readOrders) { (view, _) throws(ShopError) in
            try view.each(Order.self, KeyRange(collection: "orders")) { order in
                shown.append("\(order.number) \(order.customer) \(order.total) \(order.status)")
                return true
            }
        }
        return shown
    }

    @Test("after a purge no byte names the person, and the past is what it was")
    func purging() throws {
        var edit = ProfileEdit()
        try edit.set(.name, to: "Marker Alm")
        try edit.set(.address, to: "Marker Lane 5")
        _ = try shop.editUser(stage.ana, edit)
        let first = try erasure.order(stage.ana)
        _ = stage.fail(stage.ana)
        try erasure.asOwner()
        let moment = stage.hands.clock.now()
        stage.hands.advance(hours: 30)
        try erasure.asOwner()
        let day = CalendarDay(of: moment, in: .utc)
        let seal = try shop.closeDay(day)
        let before = try orders(at: moment)
        let pseudonym = try #require(try shop.erasePerson(stage.ana).pseudonym)
        // Somebody types the address once more; it is not back by that.
        _ = stage.fail(stage.ana)
        try erasure.asOwner()
        #expect(try !files(with: "ana@x.example").isEmpty && !files(with: "marker").isEmpty)

        shop.request.isDryRun = true
        let planned = try shop.purge([])
        shop.request.isDryRun = false
        #expect(planned.number == nil && planned.transactions > 5 && planned.people.count == 1)
        #expect(try !files(with: "ana@x.example").isEmpty, "a dry run takes nothing out")
        shop.request.command = "user purge ana@x.example"
        let purge = try shop.purge([stage.ana])
        #expect(purge.number == 1 && purge.people == [pseudonym.text])

        for text in ["ana@x.example", "marker", Records.hash(of: stage.ana)] {
            #expect(try files(with: text).isEmpty, "\(text)")
        }
        let masked = before.map { $0.replacing("Ana@x.example", with: pseudonym.text) }
        #expect(try orders(at: moment) == masked && masked != before)
        #expect(try shop.orders([first])[0].customer == pseudonym)
        #expect(try shop.violations().isEmpty)
        let doctor = Doctor(root, clock: stage.hands.clock, random: .seeded(6))
        #expect(try doctor.examine().allSatisfy { $0.file == "shop.json" }, "an editor wrote that")

        // The seal is made anew, keeps what it was, and the next day goes on from it.
        let again = try shop.closedDay(day).seal
        #expect(again.sha256 != seal.sha256 && again.totals == seal.totals)
        #expect(again.before == [.init(purge: 1, sha256: seal.sha256)])
        let proof = try proof()
        #expect(proof.findings.isEmpty && proof.seals == 1)
        #expect(proof.purges.count == 1 && proof.purges[0].people == [pseudonym.text])
        #expect(proof.purges[0].transactions == purge.transactions)
        stage.hands.advance(hours: 24)
        try erasure.asOwner()
        let next = try shop.closeDay(day.adding(days: 1))
        #expect(next.previous == again.sha256)
        #expect(try self.proof().seals == 2)
        // Nothing is left to do.
        #expect(try shop.purge([]) == Shop.Purge())
    }

    @Test("of a command only its name, flags and ids are left, and of its line what is no secret")
    func lines() throws {
        let redaction = PeopleRedaction([
            .init(email: stage.ana, pseudonym: .init(stored: "p@erased.invalid"), upTo: 9)
        ])
        let line = #"""
            {"tx":4,"at":"…","by":"Ana@x.example",\#
            "command":"order create --customer ana@x.example --item A=2 --note 'it'\\''s' --gift",\#
            "ids":["ORD-1001","ana@x.example","p@erased.invalid"],\#
            "changes":[\#
            {"key":"users/ana@x.example","now":null,"was":{"email":"ana@x.example","name":"A"}},\#
            {"key":"customer-orders/ana@x.example/9","now":null,"was":{}},\#
            {"key":"customer-orders/p@erased.invalid/9","now":{}}]}
            """#
        let redacted = try redaction.redacted(Array(line.utf8), tx: 4)
        #expect(
            String(decoding: redacted, as: UTF8.self) == #"""
                {"tx":4,"at":"…","by":"p@erased.invalid",\#
                "command":"order create --customer p@erased.invalid --item [erased] \#
                --note [erased] --gift","ids":["ORD-1001","p@erased.invalid"],\#
                "changes":[{"key":"customer-orders/p@erased.invalid/9","now":{},"was":{}},\#
                {"key":"users/p@erased.invalid","now":null,"was":{"email":"p@erased.invalid"}}]}
                """#)
        for (text, tx, expected) in [("ana@x.example", 9, true), ("ana@x.example", 10, false)] {
            #expect(
                Array(text.utf8).withUnsafeBytes { redaction.concerns($0, tx: tx) } == expected)
        }
    }

    @Test("who came back keeps what came after, and two erasures keep two pseudonyms")
    func comingBack() throws {
        _ = try erasure.order(stage.ana)
        let first = try #require(try shop.erasePerson(stage.ana).pseudonym)
        let second = try erasure.order(stage.ana)
        let moment = stage.hands.clock.now()
        let before = try orders(at: moment)
        stage.hands.advance(milliseconds: 60_000)
        _ = try shop.purge([])
        #expect(try orders(at: moment) == before)
        #expect(try shop.orders([second])[0].customer == stage.ana)
        let other = try #require(try shop.erasePerson(stage.ana).pseudonym)
        #expect(other != first)
        #expect(try shop.purge([]).people == [other.text])
        #expect(try files(with: "ana@x.example").isEmpty)
        let shown = try orders(at: moment)
        #expect(shown.contains { $0.contains(first.text) })
        #expect(shown.contains { $0.contains(other.text) })
        #expect(try proof().findings.isEmpty && proof().purges.count == 2)
    }

    @Test("an address that was merged goes with the account, one that is only typed by its name")
    func othersOfTheirs() throws {
        let guest = try EmailAddress(parsing: "guest@x.example")
        let typo = try EmailAddress(parsing: "typo@x.example")
        _ = try erasure.order(guest)
        shop.request.command = "customer merge guest@x.example --into ana@x.example"
        _ = try shop.mergeCustomer(guest, into: stage.ana)
        _ = stage.fail(typo)
        try erasure.asOwner()
        #expect(erasure.code { _ = try shop.purge([guest, stage.ana]) } == "not-erased")
        _ = try shop.erasePerson(stage.ana)
        #expect(try shop.purge([]).people.count == 1)
        #expect(try files(with: "guest@x.example").isEmpty)
        #expect(try !files(with: "typo@x.example").isEmpty)
        #expect(try shop.purge([typo]).people.count == 1)
        #expect(try files(with: "typo@x.example").isEmpty)
        #expect(try proof().findings.isEmpty)
    }

    @Test("files of quarantine and of the outbox go too, and those of others stay")
    func otherFiles() throws {
        for directory in ["quarantine", "outbox"] {
            try? FileManager.default.createDirectory(
                atPath: "\(root)/\(directory)", withIntermediateDirectories: false,
                attributes: [.posixPermissions: 0o700])
            for name in ["ana", "banana"] {
                FileManager.default.createFile(
                    atPath: "\(root)/\(directory)/\(name).json",
                    contents: Data("{\"to\":\"\(name)@x.example\"}\n".utf8),
                    attributes: [.posixPermissions: 0o600])
            }
        }
        _ = try shop.erasePerson(stage.ana)
        #expect(try shop.purge([]).others == ["quarantine/ana.json", "outbox/ana.json"])
        #expect(try files(with: "banana").count == 2)
        #expect(try files(with: "\"to\":\"ana@").isEmpty)
    }

    @Test("only an owner may, and doctor says when it is time")
    func mayAndDue() throws {
        _ = try erasure.order(stage.ana)
        _ = try shop.erasePerson(stage.ana)
        var request = Shop.SignupRequest(
            email: try .init(parsing: "max@x.example"), password: stage.password)
        request.role = .manager
        let manager = try shop.signUp(request)
        stage.actAs(try shop.signIn(manager.email, password: stage.password))
        #expect(erasure.code { _ = try shop.purge([]) } == "no-permission")
        shop.request.token = nil
        #expect(erasure.code { _ = try shop.purge([]) } == "not-signed-in")
        let doctor = Doctor(root, clock: stage.hands.clock, random: .seeded(6))
        stage.hands.advance(hours: 13 * 24)
        #expect(try !doctor.examine().contains { $0.code == "purge-due" })
        stage.hands.advance(hours: 2 * 24)
        let due = try #require(try doctor.examine().first { $0.code == "purge-due" })
        #expect(due.mend == "shopctl user purge" && !due.isMendable)
        try erasure.asOwner()
        _ = try shop.purge([])
        #expect(try !doctor.examine().contains { $0.code == "purge-due" })
    }
}
