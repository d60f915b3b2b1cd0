import Formats

/// A QR code drawn with block characters, two rows of modules a line.
///
/// Light modules are drawn and dark ones left out, for terminals that write light on dark; where
/// it is the other way round the code is inverted, which apps read as well.
enum TerminalQRCode {
    /// Light modules around it, as the standard asks for.
    private static let margin = 4

    /// - Returns: no lines where the text is too long, or the code wider than the terminal.
    static func lines(of text: String, width: Int) -> [String] {
        guard let code = QRCode(Array(text.utf8)), code.size + 2 * margin <= width else {
            return []
        }
        let range = -margin..<code.size + margin
        return stride(from: range.lowerBound, to: range.upperBound, by: 2).map { y in
            range.map { x in
                let lower = y + 1 < range.upperBound && !code.isDark(x, y + 1)
                switch (!code.isDark(x, y), lower) {
                case (true, true): return "█"
                case (true, false): return "▀"
                case (false, true): return "▄"
                case (false, false): return " "
                }
            }.joined().trimmingTrailingBlanks
        }
    }
}

extension String {
    fileprivate var trimmingTrailingBlanks: String {
        var text = self[...]
        while text.last == " " { text.removeLast() }
        return String(text)
    }
}
