/// Bytes as a QR code (ISO/IEC 18004:2015): byte mode, error correction of level L, the smallest of
/// the versions 1 to 20 that holds them. A screen gets no scratches, so that L is enough.
package struct QRCode: Sendable {
    /// 1 to 20.
    package private(set) var version: Int
    /// Modules of a side.
    package private(set) var size: Int
    private var dark: [Bool]
    /// Modules that are not for data: patterns, format and version.
    private var isFixed: [Bool]

    /// - Parameter mask: 0 to 7; nil for the one with the lowest penalty, as the standard has it.
    /// - Returns: nil for more than 858 bytes.
    package init?(_ bytes: [UInt8], mask: Int? = nil) {
        let fitting = (1...20).first { version in
            4 + (version < 10 ? 8 : 16) + bytes.count * 8 <= Self.dataCodewords(version) * 8
        }
        guard let version = fitting else { return nil }
        self.version = version
        size = 17 + 4 * version
        dark = [Bool](repeating: false, count: size * size)
        isFixed = dark
        drawPatterns()
        draw(codewords: Self.codewords(of: bytes, version))
        let masks = mask.map { [$0] } ?? Array(0..<8)
        let candidates = masks.map { mask in
            var candidate = self
            candidate.apply(mask)
            return candidate
        }
        self = candidates.min { $0.penalty < $1.penalty } ?? self
    }

    /// Whether the module is dark; none outside is.
    package func isDark(_ x: Int, _ y: Int) -> Bool {
        (0..<size).contains(x) && (0..<size).contains(y) && dark[y * size + x]
    }

    // MARK: - Codewords

    /// Of level L, by version: error correction codewords of a block, and blocks.
    private static let blocks: [(correction: Int, count: Int)] = [
        (7, 1), (10, 1), (15, 1), (20, 1), (26, 1), (18, 2), (20, 2), (24, 2), (30, 2), (18, 4),
        (20, 4), (24, 4), (26, 4), (30, 4), (22, 6), (24, 6), (28, 6), (30, 6), (28, 7), (28, 8),
    ]

    /// All codewords that a version has room for.
    private static func allCodewords(_ version: Int) -> Int {
        var modules = (16 * version + 128) * version + 64
        if version >= 2 {
            let patterns = version / 7 + 2
            modules -= (25 * patterns - 10) * patterns - 55
            if version >= 7 { modules -= 36 }
        }
        return modules / 8
    }

    private static func dataCodewords(_ version: Int) -> Int {
        let (correction, count) = blocks[version - 1]
        return allCodewords(version) - correction * count
    }

    /// Data and error correction, block by block, interleaved.
    private static func codewords(of bytes: [UInt8], _ version: Int) -> [UInt8] {
        let data = dataCodewords(of: bytes, version)
        let (correction, count) = blocks[version - 1]
        let short = data.count / count
        let longOnes = data.count % count
        var (parts, checks): ([ArraySlice<UInt8>], [[UInt8]]) = ([], [])
        var start = 0
        for block in 0..<count {
            let length = short + (block >= count - longOnes ? 1 : 0)
            parts.append(data[start..<start + length])
            checks.append(ReedSolomon.remainder(of: data[start..<start + length], correction))
            start += length
        }
        var result: [UInt8] = []
        for index in 0...short {
            for part in parts where index < part.count {
                result.append(part[part.startIndex + index])
            }
        }
        for index in 0..<correction { result += checks.map { $0[index] } }
        return result
    }

    /// Mode, length, the bytes, an end, and filling.
    private static func dataCodewords(of bytes: [UInt8], _ version: Int) -> [UInt8] {
        let capacity = dataCodewords(version)
        var bits: [Bool] = []
        func append(_ value: Int, _ count: Int) {
            for shift in stride(from: count - 1, through: 0, by: -1) {
                bits.append(value >> shift & 1 == 1)
            }
        }
        append(0b0100, 4)
        append(bytes.count, version < 10 ? 8 : 16)
        for byte in bytes { append(Int(byte), 8) }
        append(0, min(4, capacity * 8 - bits.count))
        append(0, (8 - bits.count % 8) % 8)
        var data = stride(from: 0, to: bits.count, by: 8).map { start in
            bits[start..<start + 8].reduce(UInt8(0)) { $0 << 1 | ($1 ? 1 : 0) }
        }
        var filling: UInt8 = 0xec
        while data.count < capacity {
            data.append(filling)
            filling ^= 0xec ^ 0x11
        }
        return data
    }

    // MARK: - Drawing

    private mutating func fix(_ x: Int, _ y: Int, _ isDark: Bool) {
        guard (0..<size).contains(x), (0..<size).contains(y) else { return }
        dark[y * size + x] = isDark
        isFixed[y * size + x] = true
    }

    private mutating func drawPatterns() {
        for index in 0..<size {
            fix(6, index, index % 2 == 0)
            fix(index, 6, index % 2 == 0)
        }
        for (x, y) in [(3, 3), (size - 4, 3), (3, size - 4)] {
            drawSquares(around: x, y, reach: 4) { $0 != 2 && $0 != 4 }
        }
        let centres = alignmentCentres
        for x in centres {
            for y in centres {
                let isAtFinder = x == 6 && y == 6 || x + y == size - 1 && (x == 6 || y == 6)
                if !isAtFinder { drawSquares(around: x, y, reach: 2) { $0 != 1 } }
            }
        }
        drawFormat(mask: 0)
        guard version >= 7 else { return }
        let bits = version << 12 | Self.remainder(of: version, by: 0x1f25, 12)
        for index in 0..<18 {
            let isDark = bits >> index & 1 == 1
            fix(size - 11 + index % 3, index / 3, isDark)
            fix(index / 3, size - 11 + index % 3, isDark)
        }
    }

    /// Squares around a centre, dark where `isDark` says so of the distance.
    private mutating func drawSquares(
        around x: Int, _ y: Int, reach: Int, isDark: (Int) -> Bool
    ) {
        for dy in -reach...reach {
            for dx in -reach...reach { fix(x + dx, y + dy, isDark(max(abs(dx), abs(dy)))) }
        }
    }

    private var alignmentCentres: [Int] {
        guard version > 1 else { return [] }
        let count = version / 7 + 2
        let step = (version * 8 + count * 3 + 5) / (count * 4 - 4) * 2
        return [6] + (0..<count - 1).map { size - 7 - $0 * step }.reversed()
    }

    /// Level and mask, twice.
    private mutating func drawFormat(mask: Int) {
        let levelL = 1
        let data = levelL << 3 | mask
        let bits = (data << 10 | Self.remainder(of: data, by: 0x537, 10)) ^ 0x5412
        func bit(_ index: Int) -> Bool { bits >> index & 1 == 1 }
        for index in 0...5 { fix(8, index, bit(index)) }
        fix(8, 7, bit(6))
        fix(8, 8, bit(7))
        fix(7, 8, bit(8))
        for index in 9..<15 { fix(14 - index, 8, bit(index)) }
        for index in 0..<8 { fix(size - 1 - index, 8, bit(index)) }
        for index in 8..<15 { fix(8, size - 15 + index, bit(index)) }
        fix(8, size - 8, true)
    }

    /// Of a division of polynomials over bits: the check bits of format and version.
    private static func remainder(of data: Int, by generator: Int, _ count: Int) -> Int {
        (0..<count).reduce(data) { rest, _ in rest << 1 ^ (rest >> (count - 1)) * generator }
    }

    /// In pairs of columns from the right, up and down by turns.
    private mutating func draw(codewords: [UInt8]) {
        var next = 0
        for pair in stride(from: size - 1, through: 1, by: -2) {
            let right = pair <= 6 ? pair - 1 : pair
            for step in 0..<size {
                let y = (right + 1) & 2 == 0 ? size - 1 - step : step
                for x in [right, right - 1] where !isFixed[y * size + x] {
                    guard next < codewords.count * 8 else { continue }
                    dark[y * size + x] = codewords[next / 8] >> (7 - next % 8) & 1 == 1
                    next += 1
                }
            }
        }
    }

    private mutating func apply(_ mask: Int) {
        drawFormat(mask: mask)
        for y in 0..<size {
            for x in 0..<size where !isFixed[y * size + x] && Self.inverts(mask, x, y) {
                dark[y * size + x].toggle()
            }
        }
    }

    private static func inverts(_ mask: Int, _ x: Int, _ y: Int) -> Bool {
        switch mask {
        case 0: (x + y) % 2 == 0
        case 1: y % 2 == 0
        case 2: x % 3 == 0
        case 3: (x + y) % 3 == 0
        case 4: (x / 3 + y / 2) % 2 == 0
        case 5: x * y % 2 + x * y % 3 == 0
        case 6: (x * y % 2 + x * y % 3) % 2 == 0
        default: ((x + y) % 2 + x * y % 3) % 2 == 0
        }
    }

    // MARK: - Penalty

    /// What speaks against a mask (7.8.3): long runs, squares, what looks like a finder pattern,
    /// and too much of one shade.
    private var penalty: Int {
        var sum = 0
        for line in 0..<size {
            sum += Self.penalty(of: (0..<size).map { isDark($0, line) })
            sum += Self.penalty(of: (0..<size).map { isDark(line, $0) })
        }
        for y in 0..<size - 1 {
            for x in 0..<size - 1 {
                let shade = isDark(x, y)
                let isSquare =
                    isDark(x + 1, y) == shade && isDark(x, y + 1) == shade
                    && isDark(x + 1, y + 1) == shade
                if isSquare { sum += 3 }
            }
        }
        let count = dark.count { $0 }
        return sum + abs(count * 20 - dark.count * 10) / dark.count * 10
    }

    private static let finder: [Bool] = [true, false, true, true, true, false, true]

    private static func penalty(of line: [Bool]) -> Int {
        var sum = 0
        var run = 1
        for index in 1...line.count {
            if index < line.count, line[index] == line[index - 1] {
                run += 1
            } else {
                if run >= 5 { sum += run - 2 }
                run = 1
            }
        }
        let light = [false, false, false, false]
        for pattern in [finder + light, light + finder] {
            for start in 0...line.count - pattern.count
            where line[start..<start + pattern.count].elementsEqual(pattern) {
                sum += 40
            }
        }
        return sum
    }
}

/// Error correction over the field of 256 elements with the polynomial 0x11d.
private enum ReedSolomon {
    static func remainder(of data: ArraySlice<UInt8>, _ count: Int) -> [UInt8] {
        let divisor = divisor(count)
        var rest = [UInt8](repeating: 0, count: count)
        for byte in data {
            let factor = byte ^ rest.removeFirst()
            rest.append(0)
            for index in rest.indices { rest[index] ^= product(divisor[index], factor) }
        }
        return rest
    }

    /// The product of `x - 2^i` for i from 0, without its first coefficient, which is 1.
    private static func divisor(_ count: Int) -> [UInt8] {
        var result = [UInt8](repeating: 0, count: count - 1) + [1]
        var root: UInt8 = 1
        for _ in 0..<count {
            for index in result.indices {
                result[index] = product(result[index], root)
                if index + 1 < count { result[index] ^= result[index + 1] }
            }
            root = product(root, 2)
        }
        return result
    }

    private static func product(_ x: UInt8, _ y: UInt8) -> UInt8 {
        var (result, x, y) = (UInt8(0), x, y)
        while y != 0 {
            if y & 1 == 1 { result ^= x }
            x = x << 1 ^ (x & 0x80 == 0 ? 0 : 0x1d)
            y >>= 1
        }
        return result
    }
}
