import Payments
import Primitives
import ShopCore

/// A provider that a test can look into: the sandbox's bank, in memory. One thread only.
final class PlayedProvider: PaymentProvider, @unchecked Sendable {
    var bank: SandboxBank
    var keyHours: Int64 = 24
    /// Runs while a request is under way: on its way there, and on its way back.
    var meanwhile: (() -> Void)?
    /// Whether a request finds no way to the bank, asked for each.
    var isOutOfReach: () -> Bool = { false }
    private(set) var requests = 0

    init(_ bank: SandboxBank = SandboxBank()) {
        self.bank = bank
    }

    func answer(_ request: ProviderRequest) -> ProviderOutcome {
        requests += 1
        meanwhile?()
        guard !isOutOfReach() else { return .unreached(code: "unreachable", message: "no network") }
        let outcome = bank.answer(request).outcome
        meanwhile?()
        return outcome
    }

    /// What moved, in minor units.
    func moved(_ kinds: PaymentIntent.Kind...) -> Int64 {
        bank.moved.filter { kinds.contains($0.kind) }.reduce(0) { $0 + $1.amount.minorUnits }
    }
}
