import Catalog
import Foundation
import Payments
import Primitives
import ShopCore
import TestSupport
import Testing

/// A provider that is a program, and everything that a program can do wrong.
@Suite struct ExecProviderTests {
    let directory: TemporaryDirectory
    let shop: Shop
    let number = OrderNumber(1001)

    init() throws {
        directory = try TemporaryDirectory()
        let store = Shop.store(at: directory.file("shop"))
        try Shop.create(
            in: store, currency: Currency(parsing: "USD"), timeZone: .utc, clock: .ticking(),
            random: .seeded(1))
        shop = try Shop(
            store, clock: .ticking(), random: .seeded(2), request: .init(command: "test"))
        var draft = Product.Draft()
        draft.name = "Mug"
        draft.price = Money(minorUnits: 3_000, shop.currency)
        _ = try shop.addProduct(try SKU(parsing: "MUG-1"), draft, stock: 9)
        _ = try shop.createOrder(
            .init(
                customer: EmailAddress(parsing: "ana@x.example"),
                items: [.init(sku: SKU(parsing: "MUG-1"), quantity: Quantity(1))]))
    }

    /// What comes of a charge by a shell script: a status, or the code of an error and its reason.
    private func charge(
        _ script: String, _ change: (inout ExecSettings) -> Void = { _ in }
    ) throws -> String {
        let path = directory.file("gateway")
        try "\(script)\n".write(toFile: path, atomically: true, encoding: .utf8)
        // By the shell: a file that was just written may be busy, in a process with other threads.
        var settings = ExecSettings(program: "/bin/sh")
        settings.arguments = [path]
        change(&settings)
        shop.use(["acme": .exec(settings)])
        do {
            return try shop.charge(.init(number, by: "acme", token: "tok_1")).status.rawValue
        } catch let error as ShopError {
            return "\(error.code): \(error.message)"
        }
    }

    @Test("the request is one line of JSON, the answer another") func answer() throws {
        let seen = directory.file("seen")
        let status = try charge(
            #"read line; printf '%s' "$line" >\#(seen); "#
                + #"echo '{"outcome":"succeeded","handle":"h1"}'"#
        )
        #expect(status == "captured")
        let request = try String(contentsOfFile: seen, encoding: .utf8)
        #expect(
            request.hasPrefix(#"{"schema":1,"action":"charge","key":"PAY-1001-"#), "\(request)")
        #expect(
            request.hasSuffix(
                #"","payment":"PAY-1001","order":"ORD-1001","amount":"30.00","minorUnits":3000,"#
                    + #""currency":"USD","token":"tok_1"}"#))
        #expect(try shop.payments([PaymentNumber(1001)])[0].handle == "h1")
    }

    @Test(
        "only a readable answer and exit 0 say what happened; 69 that nothing did",
        arguments: [
            (#"echo '{"outcome":"declined","code":"expired_card"}'"#, "payment-declined: "),
            (#"echo '{"outcome":"failed","code":"no_such_token"}'"#, "payment-failed: "),
            ("exit 69", "payment-failed: "),
            (#"echo '{"outcome":"succeeded","handle":"h"}'; exit 1"#, "provider-silent: "),
            ("exit 0", "provider-silent: "), ("kill -9 $$", "provider-silent: "),
            ("echo nonsense", "provider-silent: "),
            (#"echo '{"outcome":"maybe"}'"#, "provider-silent: "),
            (#"echo '{"outcome":"succeeded","minorUnits":-1}'"#, "provider-silent: "),
            (#"echo '{"outcome":"actionRequired"}'"#, "provider-silent: "),
            (#"echo '{"outcome":"unknown","message":"busy"}'"#, "provider-silent: "),
            ("head -c 200000 /dev/zero", "provider-silent: "),
            (
                #"echo '{"outcome":"actionRequired","handle":"h","url":"https://x.example"}'"#,
                "action-required: "
            ),
        ])
    func outcomes(script: String, expected: String) throws {
        let said = try charge("cat >/dev/null; " + script)
        #expect(said.hasPrefix(expected), "\(said)")
        // A program that reads nothing is no different.
        guard expected.hasPrefix("payment-") else { return }
        #expect(try charge(script).hasPrefix(expected))
    }

    @Test("a program that takes too long is stopped, with all that it started") func limit() throws
    {
        let mark = directory.file("mark")
        let said = try charge("(sleep 600; touch \(mark)) & sleep 600") { $0.timeLimit = 1 }
        #expect(said.contains("no answer within 1 s"))
        #expect(!FileManager.default.fileExists(atPath: mark))
    }

    @Test("a program that cannot be started has asked nobody") func missing() throws {
        let said = try charge("exit 0") { $0.program = "/no/such/program" }
        #expect(said.hasPrefix("payment-failed: "))
    }

    @Test("a secret that others can read is not used, and the environment is not handed on")
    func secrets() throws {
        let secret = directory.file("secret")
        try "sk_1".write(toFile: secret, atomically: true, encoding: .utf8)
        chmod(secret, 0o644)
        #expect(try charge("exit 0") { $0.secretFile = secret }.hasPrefix("payment-failed: "))
        chmod(secret, 0o600)
        setenv("SHOPCTL_TOKEN_OF_TEST", "x", 1)
        let said = try charge(
            #"grep -q '"secretFile":"\#(secret)"' || exit 3; "#
                + #"[ -z "$SHOPCTL_TOKEN_OF_TEST" ] || exit 4; echo '{"outcome":"succeeded"}'"#
        ) { $0.secretFile = secret }
        #expect(said == "captured")
    }
}
