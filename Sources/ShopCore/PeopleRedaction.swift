import Formats
import Primitives
import Storage

/// Takes erased people out of the journal: each with all lines up to a transaction, after which
/// the address may be that of somebody who is there.
struct PeopleRedaction: Redacting {
    struct Person: Sendable, Equatable {
        let email: EmailAddress
        let pseudonym: EmailAddress
        /// The last transaction whose line is to be changed.
        var upTo: Int
    }

    let people: [Person]
    private let redactions: [(redaction: Redaction, upTo: Int)]

    /// - Parameter people: of one address, the one with fewer lines first.
    init(_ people: [Person]) {
        self.people = people
        redactions = people.map { (Redaction(of: $0.email, as: $0.pseudonym), $0.upTo) }
    }

    func concerns(_ bytes: UnsafeRawBufferPointer, tx: Int?) -> Bool {
        redactions.contains { tx ?? 0 <= $0.upTo && $0.redaction.concerns(bytes) }
    }

    /// A text of now without the addresses.
    func redacted(_ text: String) -> String {
        String(
            decoding: redactions.reduce(Array(text.utf8)) { $1.redaction.redacted($0) },
            as: UTF8.self)
    }

    func redacted(_ line: [UInt8], tx: Int) throws(ShopError) -> [UInt8] {
        var value: JSONValue
        do throws(JSONError) {
            value = try JSONValue(parsing: line)
        } catch {
            throw .recordDamaged("transaction \(tx)", error)
        }
        for (redaction, upTo) in redactions where tx <= upTo {
            guard value.json.withUnsafeBytes(redaction.concerns) else { continue }
            value = redaction.redacted(value)
        }
        guard case .object(let members) = value else { return value.json }
        let ids = value["ids"].map(Self.texts) ?? []
        return JSONValue.object(
            members.map { member in
                switch member.name {
                case "ids": .init("ids", .array(Self.once(ids).map(JSONValue.string)))
                case "command":
                    .init("command", .string(Self.reduced(member.value.text ?? "", to: ids)))
                case "changes": .init("changes", Self.once(changes: member.value))
                default: member
                }
            }
        ).json
    }

    // MARK: - The parts of a line

    private static func texts(_ value: JSONValue) -> [String] {
        guard case .array(let elements) = value else { return [] }
        return elements.compactMap(\.text)
    }

    private static func once(_ texts: [String]) -> [String] {
        texts.enumerated().filter { !texts[..<$0.offset].contains($0.element) }.map(\.element)
    }

    /// What a command line says of what was done, and nothing that somebody typed: its name, the
    /// names of flags, and ids. `[erased]` stands for everything else.
    private static func reduced(_ command: String, to ids: [String]) -> String {
        var reduced: [String] = []
        // Flags may stand before the name, which has three words at the most.
        var nameWords: Int? = 0
        for word in words(of: command) {
            if word.hasPrefix("-") {
                let name = word.prefix { $0 != "=" }
                reduced.append(name.count < word.count ? "\(name)=[erased]" : word)
                if nameWords != 0 { nameWords = nil }
            } else if let count = nameWords, count < 3, word.utf8.allSatisfy(isOfName) {
                reduced.append(word)
                nameWords = count + 1
            } else {
                let isKnown = ids.contains(word) || EmailAddress(stored: word).isPseudonym
                reduced.append(isKnown ? word : "[erased]")
                nameWords = nil
            }
        }
        return reduced.joined(separator: " ")
    }

    private static func isOfName(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || byte == UInt8(ascii: "-")
    }

    /// The words of a command as a shell reads them, as far as the journal quotes: `'two words'`,
    /// with `'\\''` for a quotation mark.
    private static func words(of command: String) -> [String] {
        var words: [String] = []
        var word = ""
        var isQuoted = false
        var isEscaped = false
        for character in command {
            if isEscaped {
                word.append(character)
                isEscaped = false
            } else if character == "'" {
                isQuoted.toggle()
            } else if character == "\\", !isQuoted {
                isEscaped = true
            } else if character == " ", !isQuoted {
                words.append(word)
                word = ""
            } else {
                word.append(character)
            }
        }
        return (words + [word]).filter { !$0.isEmpty }
    }

    /// The changes in key order, each key once: where a record of the address was removed and one
    /// of the pseudonym put in its place, the two are one.
    private static func once(changes: JSONValue) -> JSONValue {
        guard case .array(let all) = changes else { return changes }
        var byKey: [RecordKey: JSONValue] = [:]
        for change in all {
            let key = RecordKey(escaped: Array((change["key"]?.text ?? "").utf8))
            byKey[key] = byKey[key].map { joined($0, change) } ?? change
        }
        return .array(byKey.keys.sorted().compactMap { byKey[$0] })
    }

    /// One change of what was removed and what was put.
    private static func joined(_ one: JSONValue, _ other: JSONValue) -> JSONValue {
        func isThere(_ value: JSONValue?) -> Bool { value != nil && value != .null }
        let put = isThere(one["now"]) ? one : other
        let removed = isThere(one["now"]) ? other : one
        var members: [JSONValue.Member] = [
            .init("key", put["key"] ?? .null), .init("now", put["now"] ?? .null),
        ]
        if let was = removed["was"] ?? put["was"] { members.append(.init("was", was)) }
        return .object(members)
    }
}
