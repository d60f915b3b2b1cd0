import Foundation
import Primitives
import ShopCore
import TestSupport
import Testing
import Users

/// Codes on their way from the outbox to the operator's delivery program.
@Suite struct DeliveryTests {
    let codes: CodeTests
    var stage: SigninTests { codes.stage }
    var shop: Shop { stage.shop }
    private var outbox: String { stage.directory.file("mugs/outbox") }

    init() throws { codes = try CodeTests() }

    /// A shell script, run by the shell: a file that was just written may be busy.
    private func program(_ script: String, timeLimit: Int64 = 600) throws -> ExecSettings {
        let path = stage.directory.file("send-\(UUID().uuidString)")
        try "\(script)\n".write(toFile: path, atomically: true, encoding: .utf8)
        var settings = ExecSettings(program: "/bin/sh")
        settings.arguments = [path]
        settings.timeLimit = timeLimit
        return settings
    }

    private func waiting() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: outbox).sorted()
    }

    private func read(_ name: String) throws -> String {
        try String(contentsOfFile: stage.directory.file(name), encoding: .utf8)
    }

    @Test("the program gets the file on standard input, and nothing of it in argv or environment")
    func sent() throws {
        try shop.sendCode(to: stage.ana, .recover)
        let digits = try #require(try codes.sent(stage.ana).first)
        let name = try #require(try waiting().first)
        let document = try read("mugs/outbox/\(name)")
        let seen = stage.directory.file("seen")
        let settings = try program(
            "cat > \(seen); tr '\\0' '\\n' < /proc/$$/cmdline > \(seen).argv; env > \(seen).env")
        #expect(try shop.emptyOutbox(through: settings) == .init(sent: 1))
        #expect(try read("seen") == document)
        for other in ["seen.argv", "seen.env"] {
            let text = try read(other)
            #expect(!text.isEmpty && !text.contains(digits) && !text.contains("x.example"))
        }
        #expect(try waiting().isEmpty)
        try codes.recover(digits)
        #expect(try shop.emptyOutbox(through: settings) == .init())
    }

    @Test("what is not sent stays as it is, whatever became of the program, and is tried again")
    func failing() throws {
        try shop.sendCode(to: stage.ana, .recover)
        let name = try #require(try waiting().first)
        let document = try read("mugs/outbox/\(name)")
        var absent = ExecSettings(program: "/no/such/program")
        absent.timeLimit = 9
        let programs = [
            (try program("exit 3"), "the program ended with 3"),
            (try program("kill -9 $$"), "the program was ended by signal 9"),
            (try program("sleep 600", timeLimit: 1), "the program took more than 1 s"),
            (absent, "/no/such/program: no such file or directory"),
        ]
        for (settings, problem) in programs {
            let result = try shop.emptyOutbox(through: settings)
            #expect(result == .init(failures: [.init(file: name, problem: problem)]))
            #expect(try read("mugs/outbox/\(name)") == document)
        }
        #expect(try shop.emptyOutbox(through: try program("exit 0")).sent == 1)
    }

    @Test("the newest comes first, and what is no code keeps none of the others from being sent")
    func order() throws {
        try shop.sendCode(to: stage.ana, .recover)
        stage.hands.advance(milliseconds: 1_000)
        try shop.sendCode(to: stage.owner, .recover)
        for name in ["9-torn.json", "1-torn.json"] {
            try "{\"to\":".write(
                toFile: "\(outbox)/\(name)", atomically: true, encoding: .utf8)
        }
        let seen = stage.directory.file("seen")
        let result = try shop.emptyOutbox(through: try program("cat >> \(seen)"))
        #expect(result.sent == 2)
        #expect(result.failures.map(\.file) == ["9-torn.json", "1-torn.json"])
        let lines = try read("seen").split(separator: "\n")
        #expect(lines.count == 2 && lines[0].contains("owner@shop.example"))
        #expect(try waiting() == ["1-torn.json", "9-torn.json"])
    }

    @Test("a code that is over is removed, and the program not started for it") func over() throws {
        try shop.sendCode(to: stage.ana, .recover)
        stage.hands.advance(milliseconds: 3_600_000)
        let settings = try program("touch \(stage.directory.file("started"))")
        #expect(try shop.emptyOutbox(through: settings) == .init(over: 1))
        #expect(try waiting().isEmpty)
        #expect(!FileManager.default.fileExists(atPath: stage.directory.file("started")))
    }

    @Test("one process is at it at a time, and looks again for what came meanwhile")
    func alone() throws {
        try shop.sendCode(to: stage.ana, .recover)
        let name = try #require(try waiting().first)
        let directory = open(outbox, O_RDONLY)
        #expect(flock(directory, LOCK_EX) == 0)
        #expect(try shop.emptyOutbox(through: try program("exit 0")) == .init())
        #expect(try waiting() == [name])
        close(directory)
        // Another code comes while the program is at the first.
        let second = try program(
            "test -e \(outbox)/2.json || sed s/ana/bo/i \(outbox)/\(name) > \(outbox)/2.json\n"
                + "cat >> \(stage.directory.file("seen"))")
        #expect(try shop.emptyOutbox(through: second).sent == 2)
        #expect(try waiting().isEmpty)
        #expect(try read("seen").contains("bo@x.example"))
    }

    @Test("only who manages users learns what became of codes, and is told what is not set up")
    func permission() throws {
        try shop.sendCode(to: stage.ana, .recover)
        let settings = try program("exit 0")
        shop.request.token = nil
        #expect(codes.code { _ = try shop.deliverCodes(through: settings) } == "not-signed-in")
        stage.actAs(try shop.signIn(stage.ana, password: stage.password))
        #expect(codes.code { _ = try shop.deliverCodes(through: nil) } == "no-permission")
        #expect(try waiting().count == 1)
        stage.actAs(try shop.signIn(stage.owner, password: stage.password))
        #expect(codes.code { _ = try shop.deliverCodes(through: nil) } == "no-delivery")
        #expect(try shop.deliverCodes(through: settings).sent == 1)
    }
}
