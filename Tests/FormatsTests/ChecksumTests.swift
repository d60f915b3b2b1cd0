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

    @Test("SHA-1 gives the vectors of FIPS 180-4")
    func sha1() {
        for (text, digest) in [
            ("abc", "a9993e364706816aba3e25717850c26c9cd0d89d"),
            ("", "da39a3ee5e6b4b0d3255bfef95601890afd80709"),
            (
                "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                "84983e441c3bd26ebaae4aa1f95129e5e54670f1"
            ),
            (
                String(repeating: "a", count: 1_000_000),
                "34aa973cd4c4daa4f61eeb2bdbad27316534016f"
            ),
        ] { #expect(Hex.encode(SHA1.of(Array(text.utf8))) == digest) }
    }

    /// Key and message of the test cases that RFC 2202 and RFC 4231 share, and what HMAC with
    /// SHA-1 and with SHA-256 gives.
    static let macs: [(key: [UInt8], message: [UInt8], sha1: String, sha256: String)] = [
        (
            [UInt8](repeating: 0x0b, count: 20), Array("Hi There".utf8),
            "b617318655057264e28bc0b6fb378c8ef146be00",
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
        ),
        (
            Array("Jefe".utf8), Array("what do ya want for nothing?".utf8),
            "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79",
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        ),
        (
            [UInt8](repeating: 0xaa, count: 20), [UInt8](repeating: 0xdd, count: 50),
            "125d7342b9ac11cd91a39af48aa17b4f63f175d3",
            "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"
        ),
        (
            Array(1...25), [UInt8](repeating: 0xcd, count: 50),
            "4c9007f4026250c6bc8414f9bf50c86c2d7235da",
            "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"
        ),
    ]

    @Test("HMAC gives the vectors of RFC 2202 and RFC 4231, for keys beyond a block too")
    func hmac() {
        for (key, message, sha1, sha256) in Self.macs {
            #expect(Hex.encode(HMAC.of(message, key: key, by: SHA1.of)) == sha1)
            #expect(Hex.encode(HMAC.of(message, key: key, by: SHA256.of)) == sha256)
        }
        let message = Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8)
        func key(_ count: Int) -> [UInt8] { [UInt8](repeating: 0xaa, count: count) }
        #expect(
            Hex.encode(HMAC.of(message, key: key(80), by: SHA1.of))
                == "aa4ae5e15272d00e95705637ce8a3b55ed402112")
        #expect(
            Hex.encode(HMAC.of(message, key: key(131), by: SHA256.of))
                == "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54")
    }

    @Test("base 32 gives the vectors of RFC 4648 and reads them back")
    func base32() {
        for (text, encoded) in [
            ("", ""), ("f", "MY"), ("fo", "MZXQ"), ("foo", "MZXW6"), ("foob", "MZXW6YQ"),
            ("fooba", "MZXW6YTB"), ("foobar", "MZXW6YTBOI"),
        ] {
            #expect(Base32.encode(Array(text.utf8)) == encoded)
            #expect(Base32.decode(encoded.lowercased()) == Array(text.utf8))
        }
        #expect(Base32.decode("MZX1") == nil && Base32.decode("MZ=") == nil)
    }

    @Test("hexadecimal text goes both ways")
    func hex() {
        #expect(Hex.decode("00ffA9") == [0, 255, 0xa9])
        #expect(Hex.decode("0") == nil)
        #expect(Hex.decode("zz") == nil)
        #expect(Hex.encode([0, 255, 0xa9]) == "00ffa9")
    }
}
