/// Endless mutations of a few inputs, the same ones for the same seed.
package struct ByteMutation {
    private let corpus: [[UInt8]]
    private var random: SeededRandom
    package var seed: String { "\(random)" }

    /// What readers trip over: structure, signs, limits of numbers, broken UTF-8, control bytes.
    private static let tokens: [[UInt8]] =
        [
            "{", "}", "[", "]", "\"", ":", ",", "null", "true", "-", "-1", "0", "1e999", "\\u0000",
            "\\ud800", "9223372036854775807", "-9223372036854775808", "9223372036854775808",
            "18446744073709551616", "\n", "\r\n", "\t", "'", "\\", "\u{202e}", "=", "--", "$(x)",
            "4611686018427387904", "\"at\":-5", "\"bytes\":9223372036854775807",
        ].map { Array($0.utf8) } + [[0], [0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0x7f]]

    package init(_ corpus: [[UInt8]], seed: UInt64) {
        self.corpus = corpus
        random = SeededRandom(seed: seed)
    }

    package mutating func next() -> [UInt8] {
        var bytes = random.one(of: corpus)
        for _ in 0..<random.number(1...4) { mutate(&bytes) }
        return bytes
    }

    private mutating func mutate(_ bytes: inout [UInt8]) {
        guard !bytes.isEmpty else {
            bytes = random.one(of: Self.tokens)
            return
        }
        let at = Int(random.number(0...Int64(bytes.count - 1)))
        let count = min(bytes.count - at, Int(random.number(1...24)))
        switch random.number(0...8) {
        case 0: bytes[at] ^= 1 << UInt8(random.number(0...7))
        case 1: bytes[at] = UInt8(random.number(0...255))
        case 2: bytes.insert(contentsOf: random.one(of: Self.tokens), at: at)
        case 3: bytes.replaceSubrange(at..<at + count, with: random.one(of: Self.tokens))
        case 4: bytes.removeSubrange(at..<at + count)
        case 5: bytes.insert(contentsOf: bytes[at..<at + count], at: at)
        case 6: bytes = Array(bytes.prefix(at))
        case 7: replaceNumber(&bytes, from: at)
        default:
            let other = random.one(of: corpus)
            let from = other.isEmpty ? 0 : Int(random.number(0...Int64(other.count - 1)))
            bytes.replaceSubrange(at..., with: other[from...])
        }
    }

    /// Another number in the place of the next one: offsets and counts are what readers believe.
    private mutating func replaceNumber(_ bytes: inout [UInt8], from at: Int) {
        func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }
        guard let start = bytes[at...].firstIndex(where: isDigit) else { return }
        let end = bytes[start...].firstIndex { !isDigit($0) } ?? bytes.count
        let number = random.one(of: [
            "0", "1", "-1", "7", "255", "4096", "65536", "9223372036854775807",
            "-9223372036854775808", "4611686018427387905",
        ])
        bytes.replaceSubrange(start..<end, with: number.utf8)
    }
}
