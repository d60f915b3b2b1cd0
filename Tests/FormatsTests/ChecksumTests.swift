import Testing

@testable import Formats

@Suite struct ChecksumTests {
    @Test("CRC-32 gives the check value of the standard, whole and in pieces")
    func crc() {
        #expect(CRC32.of(Array("123456789".utf8)) == 0xcbf4_3926)
        #expect(CRC32.of([]) == 0)
        let long = (0..<10_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        var pieces = CRC32()
        for start in stride(from: 0, to: long.count, by: 37) {
            Array(long[start..<min(start + 37, long.count)]).withUnsafeBytes { pieces.update($0) }
        }
        #expect(pieces.value == CRC32.of(long))
        var slow: UInt32 = ~0
        for byte in long {
            slow ^= UInt32(byte)
            for _ in 0..<8 { slow = slow & 1 == 1 ? slow >> 1 ^ 0xedb8_8320 : slow >> 1 }
        }
        #expect(CRC32.of(long) == ~slow)
        // By multiplication and by tables, at every length around a step of either.
        for count in 0...300 {
            let some = Array(long.suffix(count))
            var byTables = CRC32()
            some.withUnsafeBytes { byTables.updateByTables($0) }
            #expect(CRC32.of(some) == byTables.value)
        }
        #expect(CRC32.hex(0xcb) == "000000cb")
    }

    @Test("SHA-256 gives the vectors of FIPS 180-4")
    func sha256() {
        #expect(
            Hex.encode(SHA256.of(Array("abc".utf8)))
                == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        #expect(
            Hex.encode(SHA256.of([]))
                == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
        #expect(
            Hex.encode(
                SHA256.of(Array("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq".utf8)))
                == "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1")
        #expect(
            Hex.encode(SHA256.of([UInt8](repeating: UInt8(ascii: "a"), count: 1_000_000)))
                == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
    }

    @Test("hexadecimal text goes both ways")
    func hex() {
        #expect(Hex.decode("00ffA9") == [0, 255, 0xa9])
        #expect(Hex.decode("0") == nil)
        #expect(Hex.decode("zz") == nil)
        #expect(Hex.encode([0, 255, 0xa9]) == "00ffa9")
    }
}
