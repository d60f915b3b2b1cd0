import Formats
import Primitives
import Testing
import Users

@Suite struct ProfileTests {
    func code(_ part: Profile.Part, _ text: String) -> String? {
        var edit = ProfileEdit()
        do { try edit.set(part, to: text) } catch { return error.code }
        return nil
    }

    @Test(
        "a part says what it may",
        arguments: [
            (.phone, "+43 (1) 234-567", true), (.phone, "112", true), (.phone, "12", false),
            (.phone, "+43 1 2345x", false), (.phone, "+", false), (.phone, "1+2345", false),
            (.phone, "123456789012345678901", false),
            (.locale, "de", true), (.locale, "de-AT", true), (.locale, "zh-Hant-TW", true),
            (.locale, "d", false), (.locale, "de_AT", false), (.locale, "de-", false),
            (.locale, "de-123456789", false), (.locale, "12-AT", false),
            (.name, "Ana Müller", true), (.name, "Ana\nMüller", false),
            (.address, "1 High Street, Town", true), (.address, "1 High Street\u{1B}", false),
            (.address, String(repeating: "é", count: 500), true),
            (.address, String(repeating: "é", count: 501), false),
        ] as [(Profile.Part, String, Bool)])
    func parts(part: Profile.Part, text: String, isFine: Bool) {
        #expect(code(part, text) == (isFine ? nil : "invalid-profile"), "\(part) \(text)")
        #expect(code(part, "") == nil, "nothing takes it away")
    }

    @Test("what is stored of a person is read the same, and absent where it was never said")
    func stored() throws {
        var user = try User(
            email: EmailAddress(parsing: "ana@x.example"), role: .customer,
            passwordHash: .init(stored: "$y$"), at: Timestamp(millisecondsSinceEpoch: 0))
        let bare = String(decoding: user.json, as: UTF8.self)
        for part in Profile.Part.allCases { #expect(!bare.contains("\"\(part.rawValue)\"")) }
        var edit = ProfileEdit()
        for (part, text) in [
            (Profile.Part.name, "Ana"), (.phone, "112"), (.address, "1 Lane"),
            (.locale, "de"),
        ] { try edit.set(part, to: text) }
        user.profile.apply(edit)
        user.requireReset()
        let again = try User(json: user.json)
        #expect(again == user && again.state == .resetRequired && again.profile.locale == "de")
    }
}
