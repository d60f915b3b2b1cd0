/// What a mistyped word may have meant. A guess is only ever shown, never run.
enum Suggestion {
    /// Words people type for a verb that is called something else here.
    static func synonyms(of word: String) -> [String] {
        switch word {
        case "delete", "del", "erase": ["remove", "archive"]
        case "new", "insert": ["add", "create"]
        case "add": ["create"]
        case "create", "make": ["add", "create"]
        case "view", "info", "display", "describe", "cat": ["show"]
        case "login", "log-in", "sign-in": ["signin"]
        case "logout", "log-out", "sign-out": ["signout"]
        case "register", "sign-up", "join": ["signup"]
        case "buy", "checkout", "purchase": ["create"]
        case "update", "change", "modify", "set": ["edit"]
        case "find", "search", "all": ["list"]
        case "pay", "charge": ["capture"]
        case "unarchive", "undelete": ["restore"]
        case "qty": ["quantity"]
        case "email": ["customer"]
        default: []
        }
    }

    /// The candidates nearest to `word`, best first, at most three.
    ///
    /// Damerau-Levenshtein distance up to 2, up to 1 for words shorter than five letters; then
    /// candidates that begin with the word; synonyms come before both.
    static func nearest(to word: String, among candidates: [String]) -> [String] {
        let typed = Array(word.lowercased().unicodeScalars.prefix(longestWord))
        let limit = typed.count < 5 ? 1 : 2
        var found: [(rank: Int, name: String)] = []
        let meant = synonyms(of: word.lowercased())
        for candidate in candidates where !found.contains(where: { $0.name == candidate }) {
            let lowered = candidate.lowercased()
            if meant.contains(lowered) {
                found.append((0, candidate))
                continue
            }
            let distance = distance(typed, Array(lowered.unicodeScalars.prefix(longestWord)))
            if distance <= limit {
                found.append((1 + distance, candidate))
            } else if typed.count >= 2, lowered.hasPrefix(word.lowercased()) {
                found.append((4, candidate))
            }
        }
        return found.sorted { $0.rank < $1.rank }.prefix(3).map(\.name)
    }

    /// Longer words are cut before they are compared, so that no input makes this slow.
    private static var longestWord: Int { 64 }

    /// Optimal string alignment: insertions, deletions, substitutions and swaps of neighbours.
    static func distance(_ left: [Unicode.Scalar], _ right: [Unicode.Scalar]) -> Int {
        if left.isEmpty { return right.count }
        var beforeLast = [Int](repeating: 0, count: right.count + 1)
        var last = Array(0...right.count)
        for row in 1...left.count {
            var current = [Int](repeating: row, count: right.count + 1)
            for column in stride(from: 1, through: right.count, by: 1) {
                let same = left[row - 1] == right[column - 1]
                var best = min(
                    last[column] + 1, current[column - 1] + 1,
                    last[column - 1] + (same ? 0 : 1))
                if row > 1, column > 1, left[row - 1] == right[column - 2],
                    left[row - 2] == right[column - 1]
                {
                    best = min(best, beforeLast[column - 2] + 1)
                }
                current[column] = best
            }
            beforeLast = last
            last = current
        }
        return last[right.count]
    }
}
