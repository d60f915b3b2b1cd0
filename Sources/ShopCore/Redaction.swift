import Formats
import Glibc
import Primitives
import Storage

/// Takes a person out of stored JSON: whatever names them gets a pseudonym in its place, and what
/// only they would say of themselves goes.
struct Redaction: Sendable {
    let email: EmailAddress
    let pseudonym: EmailAddress
    /// Texts to replace, in lower case, and what stands there then: the address, the address as
    /// keys have it, and the hash of it that other keys have.
    private let needles: [(old: [UInt8], new: [UInt8])]

    init(of email: EmailAddress, as pseudonym: EmailAddress) {
        self.email = email
        self.pseudonym = pseudonym
        func inKeys(_ email: EmailAddress) -> [UInt8] {
            Array(Records.user(email).bytes.dropFirst("users/".utf8.count))
        }
        var needles = [
            (Array(email.folded.utf8), Array(pseudonym.folded.utf8)),
            (Array(Records.hash(of: email).utf8), Array(Records.hash(of: pseudonym).utf8)),
        ]
        if inKeys(email) != needles[0].0 { needles.append((inKeys(email), inKeys(pseudonym))) }
        self.needles = needles
    }

    /// A name for somebody who shall have none: of the top-level domain that RFC 2606 reserves.
    static func pseudonym(_ random: RandomBytes) -> EmailAddress {
        EmailAddress(stored: "erased-\(Hex.encode(random.next(4)))@erased.invalid")
    }

    // MARK: - Texts

    /// Whether the bytes name the person anywhere.
    func concerns(_ bytes: UnsafeRawBufferPointer) -> Bool {
        needles.contains { Self.find($0.old, in: bytes, from: 0) != nil }
    }

    func redacted(_ bytes: [UInt8]) -> [UInt8] {
        needles.reduce(bytes) { bytes, needle in
            var result: [UInt8] = []
            var start = 0
            bytes.withUnsafeBytes { all in
                while let found = Self.find(needle.old, in: all, from: start) {
                    result += all[start..<found]
                    result += needle.new
                    start = found + needle.old.count
                }
            }
            return result + bytes[start...]
        }
    }

    /// Where the needle stands by itself, whatever its case: not as the end or the beginning of
    /// another address.
    private static func find(
        _ needle: [UInt8], in bytes: UnsafeRawBufferPointer, from start: Int
    ) -> Int? {
        func isOfAddress(_ index: Int) -> Bool {
            guard bytes.indices.contains(index) else { return false }
            let byte = bytes[index].inLowerCase
            return (0x61...0x7a).contains(byte) || (0x30...0x39).contains(byte) || byte >= 0x80
                || "-_+%".utf8.contains(byte)
        }
        func joins(_ index: Int, _ step: Int) -> Bool {
            isOfAddress(index)
                || bytes.indices.contains(index) && bytes[index] == UInt8(ascii: ".")
                    && isOfAddress(index + step)
        }
        var start = start
        while let first = bytes.firstIndex(of: needle, from: start) {
            if !joins(first - 1, -1), !joins(first + needle.count, 1) { return first }
            start = first + 1
        }
        return nil
    }

    // MARK: - Records

    func redacted(_ value: JSONValue) -> JSONValue {
        switch value {
        case .null, .bool, .number: return value
        case .string(let text):
            return .string(String(decoding: redacted(Array(text.utf8)), as: UTF8.self))
        case .array(let elements): return .array(elements.map(redacted))
        case .object(let members):
            let isTheirs = members.contains { member in
                (member.name == "customer" || member.name == "email")
                    && member.value.text.map { EmailAddress(stored: $0) == email } ?? false
            }
            return .object(
                members.compactMap { member in
                    isTheirs ? Self.withoutPerson(member) : member
                }.map { .init($0.name, redacted($0.value)) })
        }
    }

    /// A member of a record that is all about the person: an order of theirs, their account.
    private static func withoutPerson(_ member: JSONValue.Member) -> JSONValue.Member? {
        switch member.name {
        case "name", "phone", "address", "locale", "billTo", "shipTo", "secondFactor",
            "previousPasswords":
            return nil
        case "passwordHash", "hash": return .init(member.name, .string("*"))
        case "notes":
            guard case .array(let notes) = member.value else { return nil }
            return .init(member.name, .array(notes.map(withoutText)))
        default: return member
        }
    }

    /// A note of which is left who wrote it, and when.
    private static func withoutText(_ note: JSONValue) -> JSONValue {
        guard case .object(let members) = note else { return note }
        return .object(members.map { $0.name == "text" ? .init("text", .string("[erased]")) : $0 })
    }

    /// A record under its key, both without the person.
    func redacted(
        _ key: RecordKey, _ record: [UInt8]
    ) throws(ShopError) -> (key: RecordKey, record: [UInt8]) {
        do throws(JSONError) {
            var value = redacted(try JSONValue(parsing: record))
            // Files have the key in front of a record.
            if case .object(let members) = value {
                value = .object(members.filter { $0.name != "key" })
            }
            return (RecordKey(escaped: redacted(key.bytes)), value.json)
        } catch {
            throw .recordDamaged(key.description, error)
        }
    }
}

extension UnsafeRawBufferPointer {
    /// Where a text in lower case begins, whatever the case of its ASCII letters here.
    ///
    /// Gigabytes are searched: by its first byte that is no letter or digit, since that is rare.
    func firstIndex(of text: [UInt8], from start: Int = 0) -> Int? {
        let anchor = text.firstIndex { !$0.isLetterOrDigit } ?? 0
        guard let baseAddress, !text.isEmpty else { return nil }
        var index = start + anchor
        while index < count,
            let found = memchr(baseAddress + index, Int32(text[anchor]), count - index)
        {
            let place = UnsafeRawPointer(found) - baseAddress
            index = place + 1
            let first = place - anchor
            guard first + text.count <= count else { return nil }
            let isSame = text.indices.allSatisfy { self[first + $0].inLowerCase == text[$0] }
            if isSame { return first }
        }
        return nil
    }
}

extension UInt8 {
    fileprivate var inLowerCase: UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(self) ? self | 0x20 : self
    }

    fileprivate var isLetterOrDigit: Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(inLowerCase)
            || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self)
    }
}
