import Primitives

/// The transactions that used idempotency keys, as long as their keys live (I7).
struct KeyUses {
    let seconds: Int64
    /// By the key's hash, which nobody outside this process can aim at.
    private var uses: [Int: (tx: Int, at: Timestamp)] = [:]
    /// So many are kept before those that have lived long enough are dropped.
    private var room = 100_000

    init(seconds: Int64) { self.seconds = seconds }

    /// - Returns: the transaction that used the key before, and had it still.
    mutating func use(of key: String, _ tx: Int, at text: String) -> Int? {
        guard let at = Timestamp(rfc3339: text) else { return nil }
        if uses.count >= room {
            uses = uses.filter { $0.value.at.adding(seconds: seconds) > at }
            room = max(room, uses.count * 2)
        }
        guard let earlier = uses.updateValue((tx, at), forKey: key.hashValue),
            earlier.at.adding(seconds: seconds) > at
        else { return nil }
        return earlier.tx
    }
}
