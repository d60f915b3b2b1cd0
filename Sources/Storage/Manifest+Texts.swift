import Formats

/// Lists of names in a manifest.
extension Manifest {
    static func write(
        _ name: StaticString, _ texts: [String], to writer: inout JSONWriter
    ) {
        writer.name(name)
        writer.beginArray()
        for text in texts { writer.string(text) }
        writer.endArray()
    }

    static func texts(from reader: inout JSONReader) throws(JSONError) -> [String] {
        var texts: [String] = []
        try reader.beginArray()
        while try reader.nextElement() { texts.append(try reader.string()) }
        return texts
    }
}
