package import Formats
package import Primitives

/// What a program must know to read a data directory, and to write to it: what manifests and
/// shop.json say of themselves.
///
/// Versions rise when the meaning of something old changes; a feature is something new beside it.
/// A reader that lacks a reader feature would show what is not so, and refuses. A writer that lacks
/// a writer feature would damage what it does not know of: to it the directory is read-only.
package struct FormatNeeds: Sendable, Equatable {
    /// What this program writes, and the newest it reads and writes.
    package static let format: Int64 = 1
    /// The features that this program knows.
    static let knownReaderFeatures: Set<String> = []
    static let knownWriterFeatures: Set<String> = []

    /// The lowest format a program must know to read, and to write.
    var reader = Self.format
    var writer = Self.format
    var readerFeatures: [String] = []
    var writerFeatures: [String] = []

    package init() {}

    /// What a whole file says it needs, whatever else stands in it and however that is written.
    init(scanning json: [UInt8]) throws(JSONError) {
        self = try JSONReader.parse(json) { (reader) throws(JSONError) in
            var needs = FormatNeeds()
            try reader.beginObject()
            while let name = try reader.nextMember() {
                if try !needs.read(name, from: &reader) { try reader.skip() }
            }
            return needs
        }
    }

    /// Takes the member `name` where it is one of these; false where it is another's.
    package mutating func read(
        _ name: JSONName, from json: inout JSONReader
    ) throws(JSONError) -> Bool {
        switch name {
        case "reader": reader = try json.int64()
        case "writer": writer = try json.int64()
        case "readerFeatures": readerFeatures = try Self.names(from: &json)
        case "writerFeatures": writerFeatures = try Self.names(from: &json)
        default: return false
        }
        return true
    }

    private static func names(from json: inout JSONReader) throws(JSONError) -> [String] {
        var names: [String] = []
        try json.beginArray()
        while try json.nextElement() { names.append(try json.string()) }
        return names
    }

    package func write(to json: inout JSONWriter) {
        json.member("format", Self.format)
        json.member("reader", reader)
        json.member("writer", writer)
        json.name("readerFeatures")
        Self.write(readerFeatures, to: &json)
        json.name("writerFeatures")
        Self.write(writerFeatures, to: &json)
    }

    private static func write(_ names: [String], to json: inout JSONWriter) {
        json.beginArray()
        for name in names { json.string(name) }
        json.endArray()
    }

    /// - Throws: `format-too-new` (65).
    package func checkReading(_ path: String) throws(ShopError) {
        let unknown = readerFeatures.filter { !Self.knownReaderFeatures.contains($0) }
        guard reader > Self.format || !unknown.isEmpty else { return }
        throw .formatTooNew(path, reader, unknown)
    }

    /// - Throws: `format-read-only` (65).
    func checkWriting(_ path: String) throws(ShopError) {
        let unknown = writerFeatures.filter { !Self.knownWriterFeatures.contains($0) }
        guard writer > Self.format || !unknown.isEmpty else { return }
        throw .formatReadOnly(path, writer, unknown)
    }

    /// `format 2 and the features "a", "b"`.
    fileprivate static func text(_ version: Int64, _ features: [String]) -> String {
        var parts = version > format ? ["format \(version)"] : []
        if !features.isEmpty {
            let names = features.map { "\"\($0)\"" }.joined(separator: ", ")
            parts.append("the feature\(features.count == 1 ? "" : "s") \(names)")
        }
        return parts.joined(separator: " and ")
    }
}

extension ShopError {
    static func formatTooNew(
        _ path: String, _ version: Int64, _ features: [String] = []
    ) -> ShopError {
        ShopError(
            .data, "format-too-new",
            "reading this data directory needs \(FormatNeeds.text(version, features)), and this "
                + "shopctl knows format \(FormatNeeds.format)",
            at: path, why: "a newer shopctl wrote it; nothing was changed",
            try: ["shopctl version", "install the newer shopctl"])
    }

    static func formatReadOnly(
        _ path: String, _ version: Int64, _ features: [String]
    ) -> ShopError {
        ShopError(
            .data, "format-read-only",
            "to this shopctl, which knows format \(FormatNeeds.format), the data directory is "
                + "read-only: writing needs \(FormatNeeds.text(version, features))",
            at: path, why: "a newer shopctl wrote it; nothing was changed",
            try: ["shopctl version", "install the newer shopctl"])
    }
}
