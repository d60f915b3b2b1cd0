import Foundation
import TestSupport
import Testing

/// The real program and a delivery program, which nobody waits for.
@Suite(.enabled(if: Binary.isBuilt)) struct DeliveryProcessTests {
    /// Names the program in the config file of the person at the terminal.
    static func configure(_ shop: Binary, _ script: String) throws {
        let folder = shop.home.file(".config/shopctl")
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700])
        let config =
            #"{"delivery":{"program":"/bin/sh","arguments":["\#(try shop.file("send", script))"],"#
            + #""timeLimit":60}}"#
        try config.write(toFile: folder + "/config.json", atomically: true, encoding: .utf8)
    }

    static func outbox(_ shop: Binary) -> [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: shop.data + "/outbox")) ?? []
    }

    /// Waits for what a process does that nobody waits for. However slow a machine is, it comes; a
    /// minute is for the case that it never does.
    static func eventually(_ isSo: () -> Bool) -> Bool {
        for _ in 0..<6_000 {
            if isSo() { return true }
            usleep(10_000)
        }
        return false
    }

    @Test("a code is delivered after the command, and asking for nobody's starts the same process")
    func detached() throws {
        let shop = try Binary()
        let password = try shop.file("password", "gnu-lathe-violet\n")
        chmod(password, 0o600)
        #expect(
            try shop.run("user", "signup", "owner@shop.example", "--password-file", password).code
                == 0)
        let seen = shop.home.file("seen")
        try Self.configure(shop, "echo tried >> \(seen).failed; exit 1\n")
        let asked = try shop.run("user", "forgot", "owner@shop.example")
        #expect(asked.code == 0 && asked.output.isEmpty)
        #expect(Self.eventually { FileManager.default.fileExists(atPath: seen + ".failed") })
        #expect(Self.outbox(shop).count == 1)
        let tried = try shop.run("user", "deliver", "--as", "owner@shop.example")
        #expect(tried.code == 4, "nobody is signed in")
        // Nobody has this address: what was left over is sent all the same.
        try Self.configure(shop, "cat > \(seen).part; mv \(seen).part \(seen)\n")
        let nobody = try shop.run("user", "forgot", "nobody@shop.example")
        #expect(nobody.code == 0)
        #expect(
            nobody.errors.replacing("nobody@shop.example", with: "owner@shop.example")
                == asked.errors)
        #expect(Self.eventually { FileManager.default.fileExists(atPath: seen) })
        #expect(Self.eventually { Self.outbox(shop).isEmpty })
        let document = try String(contentsOfFile: seen, encoding: .utf8)
        #expect(document.hasPrefix(#"{"to":"owner@shop.example","purpose":"recover","code":""#))
    }

    @Test("the words of a command line start no sender, nor does its name without a config file")
    func name() throws {
        let shop = try Binary()
        #expect(try shop.run("shopctl: delivery", shop.data).code == 64)
        let outcome = try shop.run([], through: "exec -a 'shopctl: delivery' \(Binary.path) x")
        #expect(outcome.code == 78 && outcome.output.isEmpty && outcome.errors.isEmpty)
    }
}
