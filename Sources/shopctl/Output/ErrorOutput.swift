import Formats
import Primitives

/// How an error reads on standard error.
enum ErrorOutput {
    /// `error:`, `at:`, `why:` and `try:` lines of the error and of all its others.
    static func text(_ error: ShopError, paint: Paint) -> String {
        guard error.kind != .cancelled else { return error.message + "\n" }
        return flattened(error).map { block($0, paint: paint) }.joined()
    }

    /// The error and all its others, whatever the depth they were gathered at.
    static func flattened(_ error: ShopError) -> [ShopError] {
        [error] + error.others.flatMap(flattened)
    }

    private static func block(_ error: ShopError, paint: Paint) -> String {
        var text = paint.alarm("error:") + " " + VisibleText.escaped(error.message) + "\n"
        if let location = error.location {
            text += "   at: " + VisibleText.escaped(location) + "\n"
        }
        if let reason = error.reason {
            text += "  why: " + VisibleText.escaped(reason) + "\n"
        }
        for (index, suggestion) in error.suggestions.enumerated() {
            text += (index == 0 ? "  try: " : "       ") + VisibleText.escaped(suggestion) + "\n"
        }
        return text
    }

    /// The same as one JSON line, `{"error":{"code":…,"exit":…,"message":…}}`.
    static func json(_ error: ShopError) -> String {
        "{\"error\":" + String(decoding: object(error), as: UTF8.self) + "}\n"
    }

    /// `{"code":…,"exit":…,"message":…}`.
    static func object(_ error: ShopError) -> [UInt8] {
        var writer = JSONWriter()
        let others = Array(flattened(error).dropFirst())
        writer.beginObject()
        write(error, to: &writer)
        if !others.isEmpty {
            writer.name("others")
            writer.beginArray()
            for other in others {
                writer.beginObject()
                write(other, to: &writer)
                writer.endObject()
            }
            writer.endArray()
        }
        writer.endObject()
        return writer.bytes
    }

    private static func write(_ error: ShopError, to writer: inout JSONWriter) {
        writer.member("code", error.code)
        writer.member("exit", Int64(error.kind.rawValue))
        writer.member("message", error.message)
        if let location = error.location { writer.member("where", location) }
        if let reason = error.reason { writer.member("why", reason) }
        if !error.details.isEmpty {
            writer.name("details")
            writer.beginObject()
            for detail in error.details {
                writer.name(text: detail.name)
                writer.string(detail.value)
            }
            writer.endObject()
        }
        if !error.suggestions.isEmpty {
            writer.name("try")
            writer.beginArray()
            for suggestion in error.suggestions { writer.string(suggestion) }
            writer.endArray()
        }
    }
}
