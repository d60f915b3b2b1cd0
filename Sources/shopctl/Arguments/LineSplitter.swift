import Primitives

/// Splits one line of a `run` file into words the way a shell would, and nothing more: no
/// variables, no globs, no pipes.
///
/// Blanks part words; '…' keeps everything; "…" keeps all but `\"` and `\\`; outside quotes a
/// backslash keeps the next character; a `#` at the start of a word begins a comment.
struct LineSplitter {
    private var words: [String] = []
    private var current: String?

    /// - Parameters:
    ///   - line: without its line end; a carriage return at the end is dropped.
    ///   - number: counted from 1, for `at:`.
    ///   - file: the name as given, `-` for standard input.
    /// - Throws: `unterminated-quote` and `dangling-backslash`, with `file:line:column`.
    static func words(
        of line: String, number: Int, file: String
    ) throws(ShopError) -> [String] {
        if let words = plainWords(of: line) { return words }
        var splitter = LineSplitter()
        let characters = Array(line.hasSuffix("\r") ? line.dropLast() : line[...])
        var index = 0
        while index < characters.count {
            do throws(Stop) {
                guard try splitter.take(characters, at: &index) else { break }
            } catch {
                let place = "\(file):\(number):\(error.index + 1)"
                throw error.isQuote
                    ? .unterminatedQuote(characters[error.index], at: place)
                    : .danglingBackslash(at: place)
            }
        }
        splitter.endWord()
        return splitter.words
    }

    /// The words of a line of plain ASCII without quotes, escapes and comments; nil for others.
    private static func plainWords(of line: String) -> [String]? {
        let isPlain = line.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "'"), UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "#"):
                false
            case 0x09, 0x20..<0x7f: true
            default: false
            }
        }
        guard isPlain else { return nil }
        return line.utf8.split { $0 == 0x20 || $0 == 0x09 }.map { String(Substring($0)) }
    }

    private struct Stop: Error {
        let index: Int
        let isQuote: Bool
    }

    /// Reads one character, one escape or one quoted part; false when a comment begins.
    private mutating func take(
        _ characters: [Character], at index: inout Int
    ) throws(Stop) -> Bool {
        let start = index
        let character = characters[index]
        index += 1
        switch character {
        case " ", "\t":
            endWord()
        case "#" where current == nil:
            return false
        case "\\":
            guard index < characters.count else { throw Stop(index: start, isQuote: false) }
            current = (current ?? "") + String(characters[index])
            index += 1
        case "'", "\"":
            var text = ""
            while true {
                guard index < characters.count else { throw Stop(index: start, isQuote: true) }
                var next = characters[index]
                index += 1
                if next == character { break }
                if character == "\"", next == "\\", index < characters.count,
                    characters[index] == "\"" || characters[index] == "\\"
                {
                    next = characters[index]
                    index += 1
                }
                text.append(next)
            }
            current = (current ?? "") + text
        default:
            current = (current ?? "") + String(character)
        }
        return true
    }

    private mutating func endWord() {
        if let current { words.append(current) }
        current = nil
    }
}

extension ShopError {
    static func unterminatedQuote(_ quote: Character, at place: String) -> ShopError {
        ShopError(.data, "unterminated-quote", "the quote \(quote) is never closed", at: place)
    }

    static func danglingBackslash(at place: String) -> ShopError {
        ShopError(
            .data, "dangling-backslash", "a backslash ends the line and quotes nothing",
            at: place)
    }
}
