import Foundation
import TestSupport
import Testing

@Suite(.enabled(if: Binary.isBuilt)) struct DataDirectoryTests {
    func made() throws -> Binary {
        let shop = try Binary()
        try shop.run("product", "add", "MUG-1", "--name", "Mug", "--price", "5", "--stock", "50")
        return shop
    }

    @Test("a file that may not grow refuses the order, keeps the shop, and works again after")
    func full() throws {
        let shop = try made()
        let journal = shop.data + "/journal/J-0000000000000001.jsonl"
        let before = try Data(contentsOf: URL(fileURLWithPath: journal))
        // RLIMIT_FSIZE in blocks of 1,024 bytes: one block holds no more than the file has.
        let blocks = before.count / 1_024
        let refused = try shop.run(
            "order", "create", "--customer", "a@x.example", "--item", "MUG-1=1",
            through: "ulimit -f \(blocks)")
        #expect(refused.code == 74)
        #expect(refused.errors.contains("file too large"))
        #expect(refused.errors.contains("nothing of this command is stored"))
        #expect(try Data(contentsOf: URL(fileURLWithPath: journal)) == before)
        #expect(try shop.stock("MUG-1").reserved == 0)
        #expect(
            try shop.run("order", "create", "--customer", "a@x.example", "--item", "MUG-1=1").output
                == "ORD-1001\n")
    }

    @Test("a newer format is refused, by readers and writers, and nothing is changed")
    func newer() throws {
        let shop = try made()
        let path = shop.data + "/MANIFEST.json"
        var text = try String(contentsOfFile: path, encoding: .utf8)
        text = text.replacingOccurrences(of: "\"reader\":1", with: "\"reader\":2")
        let body = text.prefix(while: { $0 != "\n" }).dropLast(18)
        let crc = crc32(Array(body.utf8))
        let line = body + ",\"crc\":\"" + String(format: "%08x", crc) + "\"}\n"
        try FileManager.default.removeItem(atPath: path)
        try String(line).write(toFile: path, atomically: false, encoding: .utf8)
        for command in [["product", "list"], ["stock", "receive", "MUG-1", "--quantity", "1"]] {
            let refused = try shop.run(command)
            #expect(refused.code == 65)
            #expect(refused.errors.contains("needs format 2"))
        }
    }

    private func crc32(_ bytes: [UInt8]) -> UInt32 {
        var crc: UInt32 = ~0
        for byte in bytes {
            crc ^= UInt32(byte)
            for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xedb8_8320 : crc >> 1 }
        }
        return ~crc
    }

    @Test("what others may write is refused by every command, and doctor says and mends it")
    func openToOthers() throws {
        let shop = try made()
        for (path, mode) in [("", 0o777), ("", 0o720), ("/journal", 0o702), ("/shop.json", 0o666)] {
            // Inside, only where others can get there.
            if !path.isEmpty { chmod(shop.data, 0o711) }
            chmod(shop.data + path, mode_t(mode))
            for command in [["product", "list"], ["stock", "receive", "MUG-1", "--quantity", "1"]] {
                let refused = try shop.run(command)
                #expect(refused.code == 78 && refused.errors.contains("others may write to"))
            }
            #expect(try shop.run("doctor").output.contains("open-to-others"))
            #expect(try shop.run("doctor", "--fix", "--yes").code == 0)
            #expect(try shop.run("product", "list").code == 0)
        }
        // Files that others may read are theirs to see: it is said, and not refused.
        chmod(shop.data, 0o755)
        #expect(try shop.run("product", "list").code == 0)
    }

    @Test("a directory that is no shop is refused and left alone")
    func foreign() throws {
        let shop = try Binary()
        try FileManager.default.createDirectory(
            atPath: shop.data, withIntermediateDirectories: true)
        try Data("mine".utf8).write(to: URL(fileURLWithPath: shop.data + "/notes.txt"))
        let refused = try shop.run("product", "add", "MUG-1", "--name", "Mug", "--price", "5")
        #expect(refused.code == 78)
        #expect(try FileManager.default.contentsOfDirectory(atPath: shop.data) == ["notes.txt"])
        let empty = try Binary().run("product", "list")
        #expect(empty.code == 78)
        #expect(empty.errors.contains("shopctl init"))
    }

    @Test("readers work on files they may not write", .enabled(if: geteuid() != 0 || hasSetpriv))
    func readOnly() throws {
        let shop = try made()
        let files = FileManager.default
        for name in try files.subpathsOfDirectory(atPath: shop.data) {
            let path = shop.data + "/" + name
            var isDirectory: ObjCBool = false
            files.fileExists(atPath: path, isDirectory: &isDirectory)
            try files.setAttributes(
                [.posixPermissions: isDirectory.boolValue ? 0o555 : 0o444], ofItemAtPath: path)
        }
        try files.setAttributes([.posixPermissions: 0o555], ofItemAtPath: shop.data)
        try files.setAttributes([.posixPermissions: 0o755], ofItemAtPath: shop.home.path)
        // Root may write anything, so step down to nobody.
        let asNobody =
            "[ $(id -u) != 0 ] || exec setpriv --reuid 65534 --clear-groups \"$0\" \"$@\""
        let read = try shop.run("stock", "show", "MUG-1", "--field", "onHand", through: asNobody)
        #expect(read.output == "50\n", "\(read.errors)")
        let refused = try shop.run(
            "stock", "receive", "MUG-1", "--quantity", "1", through: asNobody)
        #expect(refused.code == 77, "\(refused.errors)")
    }

    static let hasSetpriv = FileManager.default.isExecutableFile(atPath: "/usr/bin/setpriv")

    @Test("readers and dry runs change no file, whatever maintenance is due")
    func readersWriteNothing() throws {
        let shop = try made()
        // While somebody holds COMPACT, the journal's tail grows past what a fold is due at.
        let compact = open(shop.data + "/COMPACT", O_RDWR)
        try #require(compact >= 0 && flock(compact, LOCK_EX) == 0)
        let file = shop.home.file("receipts.txt")
        let note = String(repeating: "n", count: 9_000)
        let line = "stock receive MUG-1 --quantity 1 --note \(note)\n"
        try Data(String(repeating: line, count: 10).utf8).write(to: URL(fileURLWithPath: file))
        #expect(try shop.run("run", file).code == 0)
        close(compact)
        let before = try Self.contents(of: shop.data)
        for command in [
            ["product", "list"], ["doctor"], ["run", file, "--dry-run"],
            ["stock", "receive", "MUG-1", "--quantity", "1", "--dry-run"],
        ] {
            #expect(try shop.run(command).code == 0)
            #expect(try Self.contents(of: shop.data) == before, "\(command)")
        }
        // It was due: the next command that changes something takes the step.
        try shop.run("stock", "receive", "MUG-1", "--quantity", "1")
        let manifest = "MANIFEST.json"
        #expect(try Self.contents(of: shop.data)[manifest] != before[manifest])
    }

    private static func contents(of directory: String) throws -> [String: Data] {
        var files: [String: Data] = [:]
        for name in try FileManager.default.subpathsOfDirectory(atPath: directory) {
            files[name] = FileManager.default.contents(atPath: directory + "/" + name)
        }
        return files
    }

    @Test("a closed pipe does not undo an order")
    func closedPipe() throws {
        let shop = try made()
        _ = try shop.run(
            [], through: "\"$0\" order create --customer a@x.example --item MUG-1=1 | true; exit 0")
        #expect(try shop.run("order", "list", "--format", "count").output == "1\n")
    }
}
