package struct Timestamp: Comparable, Hashable, Sendable { package let millisecondsSinceEpoch: Int64
 package init(millisecondsSinceEpoch: Int64) { self.millisecondsSinceEpoch = millisecondsSinceEpoch }
 package static func < (a: Timestamp, b: Timestamp) -> Bool { a.millisecondsSinceEpoch < b.millisecondsSinceEpoch }
 package var rfc3339: String { let s = String(millisecondsSinceEpoch); return String(repeating: "0", count: 20 - s.count) + s }
 package init?(rfc3339 s: String) { guard let v = Int64(s) else { return nil }; millisecondsSinceEpoch = v } }
