/// Colours of a terminal, where they are wanted.
struct Paint: Sendable {
    let isOn: Bool

    func header(_ text: String) -> String { isOn ? "\u{1B}[1m\(text)\u{1B}[0m" : text }
    func alarm(_ text: String) -> String { isOn ? "\u{1B}[1;31m\(text)\u{1B}[0m" : text }
}
