/// Numbers in sentences.
enum Words {
    /// `1 unit`, `3 units`.
    static func units(_ count: Int64) -> String { "\(count) \(count == 1 ? "unit" : "units")" }
}
