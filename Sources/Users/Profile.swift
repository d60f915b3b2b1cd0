package import Primitives

/// What is known of the person behind an account, each part of it optional.
package struct Profile: Sendable, Equatable {
    package var name: String?
    package var phone: String?
    package var address: String?
    package var locale: String?

    package init(name: String? = nil) { self.name = name }

    /// The parts by the names of their flags, members and columns.
    package enum Part: String, Sendable, CaseIterable {
        case name, phone, address, locale
    }

    package subscript(part: Part) -> String? {
        get { self[keyPath: part.path] }
        set { self[keyPath: part.path] = newValue }
    }

    package mutating func apply(_ edit: ProfileEdit) {
        for (part, text) in edit.texts { self[part] = text.isEmpty ? nil : text }
    }
}

/// What to change of a profile; an empty text takes a part away.
package struct ProfileEdit: Sendable, Equatable {
    fileprivate var texts: [Profile.Part: String] = [:]

    package init() {}

    package var isEmpty: Bool { texts.isEmpty }

    /// - Throws: `invalid-profile` (64).
    package mutating func set(_ part: Profile.Part, to text: String) throws(ShopError) {
        try part.check(text)
        texts[part] = text
    }
}

extension Profile.Part {
    private static let mostCharacters = 500

    /// For the help page.
    package var meaning: String {
        switch self {
        case .name: "The person's name"
        case .phone: "Telephone number, such as +43 1 234567"
        case .address: "Postal address on one line"
        case .locale: "Language, such as de-AT (BCP 47)"
        }
    }

    fileprivate var example: String {
        switch self {
        case .name: "--name \"Ana Example\""
        case .phone: "--phone \"+43 1 234567\""
        case .address: "--address \"1 High Street, Town\""
        case .locale: "--locale de-AT"
        }
    }

    fileprivate var path: any WritableKeyPath<Profile, String?> & Sendable {
        switch self {
        case .name: \.name
        case .phone: \.phone
        case .address: \.address
        case .locale: \.locale
        }
    }

    /// Whether the part may say that; it is kept as it is written.
    ///
    /// - Throws: `invalid-profile` (64).
    package func check(_ text: String) throws(ShopError) {
        guard !text.isEmpty else { return }
        guard text.count <= Self.mostCharacters,
            !text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control })
        else {
            throw .invalidProfile(
                self, text, "one line of at most \(Self.mostCharacters) characters")
        }
        switch self {
        case .name, .address: return
        case .phone:
            guard Self.isPhone(text) else {
                throw .invalidProfile(
                    self, text, "3 to 20 digits, with blanks and . - / ( ) between and a + in front"
                )
            }
        case .locale:
            guard Self.isLanguageTag(text) else {
                throw .invalidProfile(self, text, "a language tag (BCP 47), such as de or de-AT")
            }
        }
    }

    private static func isPhone(_ text: String) -> Bool {
        let body = text.hasPrefix("+") ? text.dropFirst() : text[...]
        let digits = body.utf8.count { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        let signs = body.utf8.count { " .-/()".utf8.contains($0) }
        return (3...20).contains(digits) && digits + signs == body.utf8.count
    }

    /// The shape of RFC 5646: a language of 2 to 8 letters, then subtags of up to 8 letters or
    /// digits.
    private static func isLanguageTag(_ text: String) -> Bool {
        let subtags = text.utf8.split(
            separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        func isLetter(_ byte: UInt8) -> Bool {
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
        }
        func isDigit(_ byte: UInt8) -> Bool {
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
        }
        guard let language = subtags.first, (2...8).contains(language.count),
            language.allSatisfy(isLetter)
        else { return false }
        return subtags.dropFirst().allSatisfy { subtag in
            (1...8).contains(subtag.count) && subtag.allSatisfy { isLetter($0) || isDigit($0) }
        }
    }
}

extension ShopError {
    static func invalidProfile(
        _ part: Profile.Part, _ text: String, _ rule: String
    ) -> ShopError {
        ShopError(
            .usage, "invalid-profile", "\"\(text)\" is no \(part.rawValue)", why: rule,
            try: [part.example])
    }
}
