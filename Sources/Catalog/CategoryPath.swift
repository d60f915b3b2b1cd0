/// Where a product belongs, from the widest to the narrowest: `Home > Kitchen`.
package enum CategoryPath {
    /// The path with one space on each side of every `>`, whatever spaces `text` has.
    package static func normal(_ text: String) -> String {
        isNormal(text) ? text : names(of: text).joined(separator: " > ")
    }

    /// Whether `path` is `other` or stands below it, whatever their case.
    package static func isWithin(_ path: String, _ other: String) -> Bool {
        let (inner, outer) = (names(of: path), names(of: other))
        return inner.count >= outer.count
            && zip(inner, outer).allSatisfy { $0.lowercased() == $1.lowercased() }
    }

    /// The paths in their normal form, each once, those without a name left out.
    static func unique(_ texts: [String]) -> [String] {
        var paths: [String] = []
        for text in texts {
            let path = normal(text)
            if !path.isEmpty, !paths.contains(path) { paths.append(path) }
        }
        return paths
    }

    /// Whether names are parted by ` > ` and nothing else stands around them.
    private static func isNormal(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { text -> Bool in
            let (space, sign) = (UInt8(ascii: " "), UInt8(ascii: ">"))
            func isName(_ index: Int) -> Bool {
                text.indices.contains(index) && text[index] != space && text[index] != sign
            }
            guard isName(0), isName(text.count - 1) else { return false }
            // A sign stands between single spaces, and those between names.
            for index in text.indices where text[index] == sign {
                guard isName(index - 2), text[index - 1] == space, text[index + 1] == space,
                    isName(index + 2)
                else { return false }
            }
            return true
        }
    }

    private static func names(of text: String) -> [String] {
        text.split(separator: ">").compactMap { part in
            let name = part.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()
            return name.isEmpty ? nil : String(name)
        }
    }
}
