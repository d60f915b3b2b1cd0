import Foundation
import Primitives
import ShopCore
import TestSupport
import Testing
import Users

@testable import shopctl

/// A session whose access token ended, while nothing can be written.
@Suite struct ReadingSessionTests {
    @Test("while another writer holds the lock, reading goes on and a change is refused")
    func locked() throws {
        let directory = try TemporaryDirectory()
        let start = Timestamp(millisecondsSinceEpoch: 1_795_459_867_123)
        let password = directory.file("password.txt")
        try Data("gnu-lathe-violet\n".utf8).write(to: URL(fileURLWithPath: password))
        chmod(password, 0o600)
        func run(_ words: [String], at time: Timestamp) -> (code: ExitCode, error: ShopError?) {
            let variables = [
                "HOME": directory.path, "SHOPCTL_DATA_DIR": directory.file("mugs"),
                "SHOPCTL_WAIT_LOCK": "0",
            ]
            let outcome = Tool.outcome(
                of: words,
                environment: Environment(
                    variable: { variables[$0] }, clock: .fixed(time), random: .system),
                console: CapturedConsole(input: [], terminals: []))
            return (outcome.code, outcome.error)
        }
        let email = "owner@shop.example"
        #expect(run(["user", "signup", email, "--password-file", password], at: start).code == .ok)
        #expect(run(["user", "signin", email, "--password-file", password], at: start).code == .ok)
        let other = try DataDirectory(directory.file("mugs")).open(
            clock: .fixed(start), random: .system, request: .init(command: "test"))
        let later = start.adding(seconds: 2 * 3_600)
        try other.group(mark: { 0 }, release: { _ in }) {
            #expect(run(["user", "whoami"], at: later).error == nil)
            let change = run(["product", "add", "MUG-1", "--name", "M", "--price", "1"], at: later)
            #expect(change.code == .locked)
        }
        #expect(run(["user", "whoami"], at: later).code == .ok)
        let fortnight = start.adding(seconds: 17 * 86_400)
        try other.group(mark: { 0 }, release: { _ in }) {
            #expect(run(["user", "whoami"], at: fortnight).code == .auth)
        }
    }
}
