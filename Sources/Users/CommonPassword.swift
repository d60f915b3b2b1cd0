/// Knows the passwords that are tried first: usual words and rows of keys, alone, joined in
/// twos, repeated, or with a few digits and signs.
///
/// The words are this project's own; a rule over them reaches further than a list of whole
/// passwords, of which few are as long as the policy asks for. Nothing here runs unless a
/// password is set.
enum CommonPassword {
    /// How many characters beside the words still leave a password usual.
    private static let mostBeside = 6
    private static let mostWords = 2
    /// A part up to this long that only repeats adds nothing.
    private static let longestUnit = 8

    /// - Parameter folded: in lower case.
    static func isCommon(_ folded: String) -> Bool {
        let plain = Array(folded.utf8)
        return [plain, plain.map(unmasked)].contains { bytes in
            isRepeated(bytes) || isRow(bytes) || isMadeOfWords(bytes)
        }
    }

    /// The letter that a digit or sign stands for in `p@ssw0rd`.
    private static func unmasked(_ byte: UInt8) -> UInt8 {
        switch byte {
        case UInt8(ascii: "@"), UInt8(ascii: "4"): UInt8(ascii: "a")
        case UInt8(ascii: "3"): UInt8(ascii: "e")
        case UInt8(ascii: "1"), UInt8(ascii: "!"): UInt8(ascii: "i")
        case UInt8(ascii: "0"): UInt8(ascii: "o")
        case UInt8(ascii: "$"), UInt8(ascii: "5"): UInt8(ascii: "s")
        default: byte
        }
    }

    /// `abcabcabcabc`, `passwordpassword`.
    private static func isRepeated(_ bytes: [UInt8]) -> Bool {
        (1...longestUnit).contains { unit in
            unit * 2 <= bytes.count && bytes.dropFirst(unit).elementsEqual(bytes.dropLast(unit))
        }
    }

    /// `123456789012`, `zyxwvutsrqpo`: each one up or down from the one before, 0 after 9.
    private static func isRow(_ bytes: [UInt8]) -> Bool {
        let steps = zip(bytes, bytes.dropFirst()).map { first, second in
            switch (first, second) {
            case (UInt8(ascii: "9"), UInt8(ascii: "0")): 1
            case (UInt8(ascii: "0"), UInt8(ascii: "9")): -1
            default: Int(second) - Int(first)
            }
        }
        return steps.allSatisfy { $0 == 1 } || steps.allSatisfy { $0 == -1 }
    }

    /// One or two usual words, and at most a few characters that are no letters.
    private static func isMadeOfWords(_ bytes: [UInt8]) -> Bool {
        let usual = words.utf8.split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\n") }
        return isMade(bytes[...], of: usual, words: 0, beside: 0)
    }

    private static func isMade(
        _ rest: ArraySlice<UInt8>, of usual: [Substring.UTF8View], words: Int, beside: Int
    ) -> Bool {
        guard let first = rest.first else { return words > 0 }
        let isLetter = first >= 0x80 || (0x61...0x7a).contains(first)
        if !isLetter, beside < mostBeside,
            isMade(rest.dropFirst(), of: usual, words: words, beside: beside + 1)
        {
            return true
        }
        guard words < mostWords else { return false }
        return usual.contains { word in
            rest.starts(with: word)
                && isMade(
                    rest.dropFirst(word.count), of: usual, words: words + 1, beside: beside)
        }
    }

    private static let words = """
        123456 1234567 12345678 123456789 1234567890 0123456789 0987654321 987654321 qwerty qwertz
        azerty qwertyui qwertyuiop asdfgh asdfghjkl zxcvbn zxcvbnm 1q2w3e 1q2w3e4r 1q2w3e4r5t
        1q2w3e4r5t6y 1qaz2wsx 1qaz2wsx3edc qazwsx qazwsxedc qazwsxedcrfv zaq12wsx 1qazxsw2 asdf
        qwer zxcv abc abcd abcdef abcdefg abcdefgh a1b2c3 a1b2c3d4 q1w2e3 q1w2e3r4 aaa xxx zzz
        password passwort passwords passwd pass motdepasse contrasena wachtwoord haslo parola senha
        mypassword newpassword secret topsecret letmein openup access default changeme change guest
        admin administrator root superuser user test testing tester temp login signin welcome
        hello hallo hola bonjour iloveyou loveyou ilove love lover lovely forever always baby
        angel princess prince queen king sunshine summer winter spring autumn monday friday
        sunday january february march april may june july august september october november
        december football soccer baseball basketball hockey tennis golf liverpool arsenal chelsea
        barcelona madrid manchester united monkey dragon tiger lion eagle falcon wolf horse dolphin
        butterfly kitty puppy flower rainbow chocolate cookie coffee cheese banana orange apple
        cherry star stars starwars startrek superman spiderman batman pokemon naruto master
        killer hunter ranger soldier warrior shadow matrix phoenix mustang ferrari porsche mercedes
        harley corvette yamaha computer internet server windows microsoft google facebook samsung
        michael michelle jennifer jessica jordan daniel thomas andrew charlie robert george
        william alexander elizabeth christopher christian nicholas jonathan anthony matthew joshua
        ashley amanda nicole samantha stephanie patricia victoria jesus christ jesuschrist god
        heaven blessed family friends friend mother father sister brother mine freedom america
        american england london paris berlin money business company office shop shopctl store
        trustno trustme whatever nothing something anything fuckyou fuck asshole bullshit
        """
}
