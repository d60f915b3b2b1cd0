/// Knows the passwords that are tried first: usual words, rows of keys, runs and years, alone or
/// a few of them together.
///
/// A password is cut into as few parts as it can be, where a word, a run, a repetition or a year
/// is one part and any other character is one as well; few parts are soon tried. The words are
/// this project's own: a rule over parts reaches further than a list of whole passwords, of which
/// few are as long as the policy asks for. Nothing here runs unless a password is set.
enum CommonPassword {
    /// With this many parts or fewer a password is usual.
    private static let mostParts = 6

    /// - Parameter folded: in lower case.
    static func isCommon(_ folded: String) -> Bool {
        parts(in: Array(folded.utf8)) <= mostParts
    }

    /// The fewest parts that make up the password.
    private static func parts(in bytes: [UInt8]) -> Int {
        let usual = words.utf8.split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\n") }
        let tracks = tracks.utf8.split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\n") }
            .flatMap { [Array($0), Array($0.reversed())] }
        var fewest = Array(0...bytes.count)
        for start in bytes.indices {
            let rest = bytes[start...]
            func reach(_ length: Int) {
                fewest[start + length] = min(fewest[start + length], fewest[start] + 1)
            }
            reach(1)
            // A part of a run is a run, so every length up to the longest is one part.
            for length in 1...longestRun(rest, on: tracks) { reach(length) }
            for length in repetitions(at: start, in: bytes) { reach(length) }
            if isYear(rest) { reach(4) }
            for word in usual where starts(rest, with: word) { reach(word.count) }
        }
        return fewest[bytes.count]
    }

    /// How far `rest` follows a row of keys, counts or stays on one key.
    private static func longestRun(_ rest: ArraySlice<UInt8>, on tracks: [[UInt8]]) -> Int {
        var longest = rest.prefix { $0 == rest.first }.count
        for track in tracks {
            for start in track.indices where track[start] == rest.first {
                let length = zip(track[start...], rest).prefix { $0 == $1 }.count
                longest = max(longest, length)
            }
        }
        return longest
    }

    /// Lengths of what stands at `start` and stood just before it as well.
    private static func repetitions(at start: Int, in bytes: [UInt8]) -> [Int] {
        let most = min(start, bytes.count - start)
        guard most >= 2 else { return [] }
        return (2...most).filter { length in
            bytes[(start - length)..<start].elementsEqual(bytes[start..<(start + length)])
        }
    }

    /// 1900 to 2099.
    private static func isYear(_ rest: ArraySlice<UInt8>) -> Bool {
        let century = rest.prefix(2)
        return rest.count >= 4 && rest.prefix(4).allSatisfy { (0x30...0x39).contains($0) }
            && (century.elementsEqual("19".utf8) || century.elementsEqual("20".utf8))
    }

    private static func starts(_ rest: ArraySlice<UInt8>, with word: Substring.UTF8View) -> Bool {
        rest.count >= word.count && zip(rest, word).allSatisfy { $0 == $1 || unmasked($0) == $1 }
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

    /// Ways over the keys, and counting; each is followed backwards too.
    private static let tracks = """
        123456789012345678901234567890 abcdefghijklmnopqrstuvwxyz 13579 24680
        1234567890qwertyuiopasdfghjklzxcvbnm qwertzuiopasdfghjklyxcvbnm azertyuiopqsdfghjklmwxcvbn
        1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik 1qazxsw23edcvfr45tgbnhy6 qazwsxedcrfvtgbyhnujmikolp
        1q2w3e4r5t6y7u8i9o0p q1w2e3r4t5y6u7i8o9p0 1a2s3d4f5g6h7j8k9l a1s2d3f4g5h6j7k8l9
        1a2b3c4d5e6f7g8h9i a1b2c3d4e5f6g7h8i9 147258369 741852963 789456123
        """

    private static let words = """
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
