import CCrypt
import Glibc
package import Primitives

/// A password that was made unreadable: yescrypt by libxcrypt, `$y$…`, salt included (crypt(5)).
///
/// Passwords are bytes here, and appear in no error and no description.
package struct PasswordHash: Sendable, Equatable {
    package let text: String

    /// From a record.
    package init(stored text: String) {
        self.text = text
    }

    /// libxcrypt's own default for yescrypt, 16 MiB per try.
    package static let defaultCost: UInt = 5
    package static let costs: ClosedRange<UInt> = 1...11
    private static let saltLength = 32
    private static let prefix = "$y$"

    /// - Parameter cost: 1 to 11; each step up doubles time and memory.
    /// - Throws: `password-hashing-failed` (70) when libxcrypt has no yescrypt or no memory.
    package static func make(
        _ password: [UInt8], random: RandomBytes, cost: UInt = defaultCost
    ) throws(ShopError) -> PasswordHash {
        let salt = random.next(saltLength)
        guard let setting = setting(salt: salt, cost: cost),
            let text = hash(password, setting: setting)
        else { throw .passwordHashingFailed() }
        return PasswordHash(stored: text)
    }

    /// Whether the hash is that of `password`; nil, of a user that does not exist, is never.
    ///
    /// Costs the time of `cost` whoever asks: what an older, cheaper hash leaves of it is spent
    /// on hashes that nobody needs. Each step of cost doubles the time, so that one hash of every
    /// step from the old cost on makes up for the difference.
    package static func verify(
        _ password: [UInt8], against hash: PasswordHash?, cost: UInt = defaultCost
    ) -> Bool {
        guard let hash else {
            spend(cost, on: password)
            return false
        }
        let again = Self.hash(password, setting: hash.text)
        if let old = hash.cost, old < cost {
            for step in old..<cost { spend(step, on: password) }
        }
        return again.map { areEqual(Array($0.utf8), Array(hash.text.utf8)) } ?? false
    }

    private static func spend(_ cost: UInt, on password: [UInt8]) {
        let salt = [UInt8](repeating: 0, count: saltLength)
        if let setting = setting(salt: salt, cost: cost) { _ = hash(password, setting: setting) }
    }

    /// What it was made with; nil for a hash of another kind.
    package var cost: UInt? {
        // `$y$j9T$…`: the parameters stand between the second and the third sign, and are
        // compared with those of each cost rather than decoded.
        func parameters(_ text: String) -> Substring? {
            let parts = text.split(separator: "$", maxSplits: 2)
            return text.hasPrefix(Self.prefix) && parts.count == 3 ? parts[1] : nil
        }
        guard let mine = parameters(text) else { return nil }
        let salt = [UInt8](repeating: 0, count: Self.saltLength)
        return Self.costs.first { cost in
            Self.setting(salt: salt, cost: cost).flatMap(parameters) == mine
        }
    }

    package func matches(_ password: [UInt8]) -> Bool { Self.verify(password, against: self) }

    /// Takes the same time wherever the first difference is.
    private static func areEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        guard left.count == right.count else { return false }
        return zip(left, right).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }

    private static func setting(salt: [UInt8], cost: UInt) -> String? {
        var output = [CChar](repeating: 0, count: Int(CRYPT_GENSALT_OUTPUT_SIZE))
        let made = salt.withUnsafeBytes { salt in
            crypt_gensalt_rn(
                prefix, cost, salt.baseAddress?.assumingMemoryBound(to: CChar.self),
                Int32(salt.count), &output, Int32(output.count)) != nil
        }
        return made ? text(of: output) : nil
    }

    private static func hash(_ password: [UInt8], setting: String) -> String? {
        // crypt reads up to a NUL: a password with one inside would match its first part.
        guard !password.contains(0) else { return nil }
        let size = MemoryLayout<crypt_data>.size
        let data = UnsafeMutableRawPointer.allocate(
            byteCount: size, alignment: MemoryLayout<crypt_data>.alignment)
        data.initializeMemory(as: UInt8.self, repeating: 0, count: size)
        var phrase = password.map { CChar(bitPattern: $0) } + [0]
        defer {
            explicit_bzero(&phrase, phrase.count)
            explicit_bzero(data, size)
            data.deallocate()
        }
        guard let output = crypt_rn(phrase, setting, data, Int32(size)) else { return nil }
        let text = String(cString: output)
        return text.hasPrefix("*") ? nil : text
    }

    private static func text(of output: [CChar]) -> String {
        String(decoding: output.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

extension PasswordHash: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Never the hash.
    package var description: String { "(password hash)" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: [:]) }
}

extension ShopError {
    static func passwordHashingFailed() -> ShopError {
        ShopError(
            .internal, "password-hashing-failed", "libxcrypt could not make a yescrypt hash",
            why: "yescrypt needs libxcrypt 4.3 or newer and 16 MiB of memory")
    }
}
