import Primitives

/// How long ago: `90m`, `12h`, `3d`, `2w`.
struct Age: Sendable {
    let seconds: Int64

    init(parsing text: String) throws(ShopError) {
        let units: [Character: Int64] = ["m": 60, "h": 3_600, "d": 86_400, "w": 604_800]
        let digits = text.dropLast()
        guard let last = text.last, let unit = units[last], !digits.isEmpty, digits.count <= 6,
            digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let count = Int64(digits),
            count > 0
        else { throw .invalidAge(text) }
        seconds = count * unit
    }
}

extension ShopError {
    static func invalidAge(_ text: String) -> ShopError {
        ShopError(
            .usage, "invalid-age", "\"\(text)\" is no age: a whole number and m, h, d or w",
            try: ["90m", "12h", "3d", "2w"])
    }
}
