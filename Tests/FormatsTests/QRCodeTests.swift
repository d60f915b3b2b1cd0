import Testing

@testable import Formats

/// Codes are those that an encoder of others draws (python-qrcode 8.2), module by module.
@Suite struct QRCodeTests {
    func rows(_ code: QRCode) -> [String] {
        (0..<code.size).map { y in
            (0..<code.size).map { code.isDark($0, y) ? "#" : "." }.joined()
        }
    }

    /// As many bytes as asked for, all printable.
    func payload(_ count: Int) -> [UInt8] { (0..<count).map { UInt8(33 + $0 * 7 % 90) } }

    @Test("a code of version 1 is drawn module by module as another encoder draws it")
    func small() throws {
        let code = try #require(QRCode(Array("shopctl".utf8), mask: 0))
        let expected = """
            #######..#.##.#######
            #.....#..###..#.....#
            #.###.#.##.##.#.###.#
            #.###.#..#.#..#.###.#
            #.###.#...#.#.#.###.#
            #.....#.....#.#.....#
            #######.#.#.#.#######
            ........##.##........
            ###.########.##...#..
            ...#.#..##....##.####
            #.##..#..##.#...#.###
            ...#.....##...##....#
            .....##.....#.##....#
            ........#.##.#.##.#.#
            #######.##.#.#####.##
            #.....#.#.####.#....#
            #.###.#.##.#.#####.##
            #.###.#..##...#.##.#.
            #.###.#.###.#..##.#.#
            #.....#.#.#...#.#..#.
            #######.#...#.#.#..##
            """
        #expect(rows(code).joined(separator: "\n") == expected)
    }

    @Test(
        "every version, full or with room left, is what another encoder makes of it",
        arguments: [
            (1, 17, 1, "d34a60ef8f8ed3cf"),
            (2, 29, 2, "cce811b71a914585"),
            (3, 53, 3, "2ce6ccba8a80238b"),
            (4, 75, 4, "b158a55140a976d3"),
            (5, 106, 5, "9caa361eee00ab89"),
            (6, 131, 6, "414553185aa02d59"),
            (7, 154, 7, "b5115eec2cd45b12"),
            (8, 189, 0, "d7398d7192a791f5"),
            (9, 230, 1, "93a95f7c2f50f84b"),
            (10, 268, 2, "5cbde832699a1bd8"),
            (11, 321, 3, "4795c94b4818c659"),
            (12, 364, 4, "36b81a2cd2e458f9"),
            (13, 425, 5, "0b00f2b09c36b328"),
            (14, 455, 6, "3c757110ab4ad906"),
            (15, 520, 7, "16b3a253c7238d4f"),
            (16, 583, 0, "8a1e7a227e8ea1aa"),
            (17, 644, 1, "f5f3bc7127310665"),
            (18, 715, 2, "8bc9e2ed5b4253d3"),
            (19, 792, 3, "66c4f56625d14d96"),
            (20, 855, 4, "ab6e5bcdc6ec0ec9"),
        ])
    func versions(version: Int, bytes: Int, mask: Int, expected: String) throws {
        let code = try #require(QRCode(payload(bytes), mask: mask))
        #expect(code.version == version)
        let drawn = rows(code).joined(separator: "\n")
        #expect(Hex.encode(SHA256.of(Array(drawn.utf8))).prefix(16) == expected)
        // Those of odd versions are full: a byte more takes the next one.
        #expect(QRCode(payload(bytes + 1))?.version == version + version % 2)
    }

    @Test func noCodeHoldsMoreThanVersion20Does() {
        #expect(QRCode(payload(858))?.version == 20)
        #expect(QRCode(payload(859)) == nil)
    }

    /// What ISO/IEC 18004, 7.8.3, counts against a code, in strings of `#` and `.`.
    func penalty(_ rows: [String]) -> Int {
        let cells = rows.map(Array.init)
        let columns = cells.indices.map { x in String(cells.map { $0[x] }) }
        var sum = 0
        for line in rows + columns {
            for run in line.split(whereSeparator: { $0 == "." }).map(\.count)
                + line.split(whereSeparator: { $0 == "#" }).map(\.count) where run >= 5
            { sum += 3 + run - 5 }
            for start in 0...line.count - 11 {
                let part = line.dropFirst(start).prefix(11)
                if part == "#.###.#...." || part == "....#.###.#" { sum += 40 }
            }
        }
        for y in 1..<cells.count {
            for x in 1..<cells.count
            where Set([cells[y][x], cells[y - 1][x], cells[y][x - 1], cells[y - 1][x - 1]]).count
                == 1
            { sum += 3 }
        }
        let dark = cells.joined().count { $0 == "#" }
        let share = Double(dark) * 100 / Double(cells.count * cells.count)
        return sum + Int(abs(share - 50) / 5) * 10
    }

    @Test("the mask is one with the lowest penalty")
    func masks() throws {
        var chosen: Set<Int> = []
        for bytes in stride(from: 1, through: 200, by: 11) {
            let code = rows(try #require(QRCode(payload(bytes))))
            let masked = try (0..<8).map { rows(try #require(QRCode(payload(bytes), mask: $0))) }
            #expect(penalty(code) == masked.map(penalty).min(), "\(bytes) bytes")
            chosen.insert(masked.firstIndex(of: code) ?? -1)
        }
        #expect(chosen.count > 3 && !chosen.contains(-1))
    }
}
