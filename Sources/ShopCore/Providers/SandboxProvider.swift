import Formats
import Glibc
import Payments
import Primitives
import Storage

/// The sandbox of a data directory: its ledger is a file of JSON Lines beside the shop's own, which
/// the shop never reads.
struct SandboxProvider: PaymentProvider {
    let ledger: String

    var keyHours: Int64 { Self.usualKeyHours }

    func answer(_ request: ProviderRequest) -> ProviderOutcome {
        let file = open(ledger, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0, flock(file, LOCK_EX) == 0 else {
            let problem = SystemError(code: errno).text
            if file >= 0 { close(file) }
            return .unreached(code: "no-ledger", message: "\(ledger): \(problem)")
        }
        defer { close(file) }
        guard var bank = SandboxBank(ledger: Self.contents(of: file)) else {
            return .unreached(code: "no-ledger", message: "\(ledger) is damaged")
        }
        let (outcome, line) = bank.answer(request)
        let bytes = line.json + [UInt8(ascii: "\n")]
        guard write(file, bytes, bytes.count) == bytes.count else {
            return .unknown("\(ledger) could not be written")
        }
        return outcome
    }

    private static func contents(of file: Int32) -> [UInt8] {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16_384)
        while true {
            let count = pread(file, &chunk, chunk.count, off_t(bytes.count))
            guard count > 0 else { return bytes }
            bytes += chunk[..<count]
        }
    }
}

extension SandboxBank {
    /// What a ledger's lines say; nil where one cannot be read.
    init?(ledger: [UInt8]) {
        self.init()
        for line in ledger.split(separator: UInt8(ascii: "\n")) {
            guard let line = try? Line(json: Array(line)) else { return nil }
            add(line)
        }
    }
}
