import Glibc

/// The kinds of JSON value.
package enum JSONKind: Sendable {
    case null, bool, number, string, array, object
}

/// Why a document is not the JSON that was asked for, and at which byte.
package struct JSONError: Error, Equatable, Sendable {
    /// Bytes from the beginning of the document.
    package let offset: Int
    /// What was expected, in words; no full stop.
    package let reason: String

    package init(offset: Int, reason: String) {
        self.offset = offset
        self.reason = reason
    }

    /// Line and column of the error in the document, both from 1; columns count bytes.
    package func position(in bytes: some Collection<UInt8>) -> (line: Int, column: Int) {
        var line = 1
        var column = 1
        for byte in bytes.prefix(offset) {
            if byte == 0x0a {
                line += 1
                column = 1
            } else {
                column += 1
            }
        }
        return (line, column)
    }
}

/// The name of a member, to be matched against literals without making a String of it.
///
/// Valid as long as the reader's bytes are. Public because the compiler inlines nothing of package
/// access in other modules, and every `case` is a comparison.
public struct JSONName {
    /// The name as it stands in the source.
    @usableFromInline let raw: UnsafeRawBufferPointer
    /// Whether it is free of escapes; those it has are valid.
    @usableFromInline let isPlain: Bool

    @inline(__always)
    init(_ raw: UnsafeRawBufferPointer, isPlain: Bool) {
        self.raw = raw
        self.isPlain = isPlain
    }

    /// Length in UTF-8.
    package var count: Int { isPlain ? raw.count : text.utf8.count }

    package var text: String {
        guard !isPlain else { return String(decoding: raw, as: UTF8.self) }
        let reader = JSONReader(raw)
        // Validated when it was read, so there is nothing left to fail.
        return String(decoding: (try? reader.unescape(0, raw.count)) ?? [], as: UTF8.self)
    }

    package static func == (name: JSONName, literal: StaticString) -> Bool { literal ~= name }

    /// The pattern of a `case`. Most names differ in their length or first byte, which is known
    /// without a call.
    @inlinable @inline(__always)
    public static func ~= (literal: StaticString, name: JSONName) -> Bool {
        if name.isPlain {
            guard name.raw.count == literal.utf8CodeUnitCount else { return false }
            guard name.raw.isEmpty || name.raw[0] == literal.utf8Start.pointee else { return false }
        }
        return name.isSame(as: literal)
    }

    @usableFromInline @inline(never)
    func isSame(as literal: StaticString) -> Bool {
        guard isPlain else { return text == literal.description }
        guard let start = raw.baseAddress else { return true }
        return memcmp(start, literal.utf8Start, raw.count) == 0
    }
}
