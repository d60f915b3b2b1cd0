/// How many columns of a terminal a text takes.
///
/// Counted by grapheme cluster: nothing for clusters of zero-width code points alone; two where
/// any code point is wide (UAX #11 W or F), where U+FE0F asks for an emoji, and for flags; one
/// for all others, ambiguous ones included.
enum DisplayWidth {
    static func of(_ text: String) -> Int {
        if text.utf8.allSatisfy({ $0 < 0x7F && $0 >= 0x20 }) { return text.utf8.count }
        return text.reduce(0) { $0 + of($1) }
    }

    static func of(_ cluster: Character) -> Int {
        var width = 0
        var indicators = 0
        for scalar in cluster.unicodeScalars {
            let value = scalar.value
            if value < 0x7F {
                width = max(width, value < 0x20 ? 0 : 1)
            } else if value == 0xFE0F {
                return 2
            } else if (0x1F1E6...0x1F1FF).contains(value) {
                indicators += 1
                width = max(width, indicators)
            } else if DisplayWidthRanges.contains(value, in: DisplayWidthRanges.zeroWidth) {
                continue
            } else if DisplayWidthRanges.contains(value, in: DisplayWidthRanges.wide) {
                return 2
            } else if !(0x7F...0x9F).contains(value) {
                width = max(width, 1)
            }
        }
        return width
    }

    /// The longest beginning of `text` that fits, with `…` where something was cut off.
    static func cut(_ text: String, to width: Int) -> String {
        guard of(text) > width else { return text }
        guard width > 0 else { return "" }
        var result = ""
        var used = 1
        for cluster in text {
            let next = of(cluster)
            guard used + next <= width else { break }
            result.append(cluster)
            used += next
        }
        return result + "…"
    }
}
