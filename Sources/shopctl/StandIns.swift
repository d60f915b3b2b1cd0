import Primitives
struct Currency: Hashable, Sendable { let code: String; let exponent: Int }
struct Money: Hashable, Sendable { let minorUnits: Int64; let currency: Currency
 var decimalText: String { let m = String(minorUnits.magnitude); let p = String(repeating:"0",count:max(0,currency.exponent+1-m.count))+m
  return (minorUnits<0 ? "-":"") + p.dropLast(currency.exponent) + (currency.exponent>0 ? "."+p.suffix(currency.exponent) : "") }
 var description: String { decimalText + " " + currency.code } }
struct Timestamp: Hashable, Sendable { let millisecondsSinceEpoch: Int64; var rfc3339: String { "2026-11-23T18:31:07.123Z" }
 func readable(in z: TimeZoneName) -> String { "2026-11-23 18:31" } }
struct CalendarDay: Hashable, Sendable { var description: String { "2026-11-23" } }
struct TimeZoneName: Hashable, Sendable { let name: String; static let utc = TimeZoneName(name: "UTC")
 init(name: String) { self.name = name }
 init(parsing t: String) throws(ShopError) { name = t } }
struct EmailAddress: Hashable, Sendable { let text: String; init(parsing t: String) throws(ShopError) { guard t.contains("@") else { throw ShopError(.usage,"invalid-email","\(t) is no e-mail address") }; text = t } }
struct IdempotencyKey: Hashable, Sendable { let text: String; init(parsing t: String) throws(ShopError) { text = t } }
struct Clock: Sendable { var now: @Sendable () -> Timestamp; static let system = Clock { Timestamp(millisecondsSinceEpoch: 0) } }
struct RandomBytes: Sendable { var next: @Sendable (Int) -> [UInt8]; static let system = RandomBytes { Array(repeating: 0, count: $0) } }
struct JSONError: Error { let offset: Int; let reason: String; func position(in b: [UInt8]) -> (line: Int, column: Int) { (1, offset) } }
indirect enum JSONValue { case null, bool(Bool), number(String), string(String), array([JSONValue]), object([(name: String, value: JSONValue)])
 init(parsing: [UInt8]) throws(JSONError) { self = .object([]) } }
struct JSONWriter { var bytes: [UInt8] = []; var first = true
 mutating func sep() { if !first { bytes.append(44) }; first = false }
 mutating func beginObject() { sep(); bytes.append(123); first = true }
 mutating func endObject() { bytes.append(125); first = false }
 mutating func beginArray() { sep(); bytes.append(91); first = true }
 mutating func endArray() { bytes.append(93); first = false }
 mutating func q(_ s: String) { bytes += "\"\(s)\"".utf8 }
 mutating func name(_ s: StaticString) { name(text: "\(s)") }
 mutating func name(text s: String) { sep(); q(s); bytes.append(58); first = true }
 mutating func string(_ s: String) { sep(); q(s) }
 mutating func int(_ i: Int64) { sep(); bytes += String(i).utf8 }
 mutating func bool(_ b: Bool) { sep(); bytes += (b ? "true" : "false").utf8 }
 mutating func null() { sep(); bytes += "null".utf8 }
 mutating func member(_ n: StaticString, _ s: String) { name(n); string(s) }
 mutating func member(_ n: StaticString, _ s: Int64) { name(n); int(s) }
 mutating func member(_ n: StaticString, _ s: Bool) { name(n); bool(s) }
}
struct CSVWriter { var bytes: [UInt8] = []; mutating func record(_ f: [String]) { bytes += (f.joined(separator: ",") + "\n").utf8 } }
