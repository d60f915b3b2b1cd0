import Formats
import Payments
import Primitives
import ShopCore

/// What the codes of gift cards follow from that are made under an idempotency key.
///
/// A shop keeps no code, and a repeated command says it again all the same: it is worked out anew
/// from the key and a secret that is this account's of the machine, not the shop's. Whoever has a
/// copy of the data directory can work out nothing.
enum GiftCodeSecret {
    /// - Returns: nil for a command without a key, or without a home directory.
    static func codes(for shop: Shop, _ context: CommandContext) throws(ShopError) -> GiftCodes? {
        let environment = context.environment
        guard let key = context.settings.idempotencyKey, !context.isDryRun,
            let file = StateFile("gift-codes.key", environment)
        else { return nil }
        let secret = try file.locked { () throws(ShopError) in
            if let secret = try file.read() { return secret }
            let digits = Hex.encode(environment.random.next(32)) + "\n"
            try file.write(Array(digits.utf8))
            return Array(digits.utf8)
        }
        return GiftCodes(
            seed: SHA256.of(secret + Array("\(shop.settings.id) \(key)".utf8)))
    }
}
