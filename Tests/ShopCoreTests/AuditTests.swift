import Foundation
import Orders
import Primitives
import ShopCore
import Storage
import TestSupport
import Testing

/// What `audit verify` says of journals that were changed behind the shop's back.
@Suite struct AuditTests {
    let shop: DoctorTests
    var root: String { shop.root }

    init() throws { shop = try DoctorTests() }

    private func proof() throws -> AuditProof {
        try Auditor(root, clock: .system, random: .seeded(5)).prove()
    }

    private func lines(_ file: String) throws -> [Data] {
        try Data(contentsOf: URL(fileURLWithPath: file))
            .split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: true)
    }

    private func write(_ lines: [Data], to file: String) throws {
        let text = Data(lines.map { $0 + [UInt8(ascii: "\n")] }.joined())
        try text.write(to: URL(fileURLWithPath: file))
    }

    @Test("every transaction of a whole shop is proven") func whole() throws {
        let proof = try proof()
        #expect(proof.findings == [])
        var entries: [AuditEntry] = []
        try shop.opened().eachAuditEntry(Shop.AuditFilter()) { (entry) throws(ShopError) in
            entries.append(entry)
            return true
        }
        #expect(proof.transactions == Int64(entries.count))
        #expect(proof.last == entries.first?.number && proof.at == entries.first?.at)
        #expect(proof.files == Int64(try shop.files("journal").count))
        let last = try lines("\(root)/\(proof.file)")
        #expect(proof.line == Int64(last.count))
    }

    @Test("whichever line is changed, moved or taken out is named", arguments: 0..<24)
    func damaged(_ seed: Int) throws {
        var random = SeededRandom(seed: UInt64(seed))
        let files = try shop.files("journal")
        let file = files[Int.random(in: 0..<files.count, using: &random)]
        var lines = try lines(file)
        let index = Int.random(in: 1..<(lines.count - 1), using: &random)
        switch seed % 4 {
        case 0: lines[index][lines[index].startIndex + 40] ^= 1
        case 1: lines.swapAt(index, index + 1)
        case 2: lines.remove(at: index)
        default: lines.insert(lines[index], at: index + 1)
        }
        try write(lines, to: file)
        let found = try proof().findings
        let name = "journal/" + (file.split(separator: "/").last.map(String.init) ?? "")
        // A line that comes twice is the first that is wrong; the one before it is right.
        let line = seed % 4 == 3 ? index + 2 : index + 1
        #expect(found.first?.file == name, "\(found)")
        #expect(found.first?.message.contains("line \(line) ") == true, "\(found)")
    }

    @Test("a journal file that is gone is named") func missing() throws {
        let files = try shop.files("journal")
        try FileManager.default.removeItem(atPath: files[0])
        let found = try proof().findings
        #expect(found.map(\.code).contains("file-missing"), "\(found)")
    }

    @Test("a transaction shows its records before and after, and the records as it left them")
    func details() throws {
        let shop = try shop.opened()
        var entries: [AuditEntry] = []
        try shop.eachAuditEntry(Shop.AuditFilter()) { (entry) throws(ShopError) in
            entries.append(entry)
            return true
        }
        let details = try shop.auditDetails(entries.map(\.number))
        #expect(details.map(\.entry.number) == entries.map(\.number))
        // Newest first: what a transaction left is what the next one found.
        var later: [String: String] = [:]
        for detail in details {
            for difference in detail.differences {
                guard case .order(let order) = difference,
                    let number = (order.now ?? order.was)?.number.description
                else { continue }
                let now = order.now.map { "\($0.status) \($0.captured)" } ?? ""
                if let expected = later[number] { #expect(now == expected) }
                later[number] = order.was.map { "\($0.status) \($0.captured)" } ?? ""
            }
        }
        #expect(later.count > 80 && later.values.allSatisfy { $0.isEmpty })
        #expect(throws: ShopError.self) { try shop.auditDetails([0]) }
    }
}
