import Formats

/// Codes that a gift card may get, one after the other, all of which follow from a seed.
package struct GiftCodes: Sendable {
    package static let most = 100

    private let seed: [UInt8]

    /// - Parameter seed: at least 16 bytes that nobody can guess.
    package init(seed: [UInt8]) {
        self.seed = seed
    }

    /// Letters and digits that nobody mistakes for each other (Crockford's base 32), 80 bits:
    /// `M2D0-R5S9-933S-4R4J`.
    ///
    /// - Parameter number: from 0, below `most`.
    package func code(_ number: Int) -> String {
        let letters = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ")
        let bytes = SHA256.of(seed + [UInt8(number)])
        let signs = bytes.prefix(16).map { letters[Int($0 & 31)] }
        return stride(from: 0, to: 16, by: 4).map { String(signs[$0..<$0 + 4]) }
            .joined(separator: "-")
    }
}
