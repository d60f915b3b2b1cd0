/// Any JSON value as a tree: for imports, generic output and tests. Records have readers of their
/// own.
package indirect enum JSONValue: Sendable, Equatable {
    case null
    case bool(Bool)
    /// The number's text as it stands, so that nothing is rounded.
    case number(String)
    case string(String)
    case array([JSONValue])
    /// Members in order; a repeated name is there twice.
    case object([Member])

    package struct Member: Sendable, Equatable {
        package var name: String
        package var value: JSONValue

        package init(_ name: String, _ value: JSONValue) {
            self.name = name
            self.value = value
        }
    }

    package static func int(_ value: Int64) -> JSONValue { .number(String(value)) }

    package init(parsing bytes: [UInt8]) throws(JSONError) {
        self = try JSONReader.parse(bytes) { (reader) throws(JSONError) in
            try JSONValue(from: &reader)
        }
    }

    package init(from reader: inout JSONReader) throws(JSONError) {
        switch try reader.peek() {
        case .null:
            _ = try reader.isNull()
            // A byte that begins like null but is not one has thrown.
            self = .null
        case .bool: self = .bool(try reader.bool())
        case .number: self = .number(try reader.numberText())
        case .string: self = .string(try reader.string())
        case .array:
            var elements: [JSONValue] = []
            try reader.beginArray()
            while try reader.nextElement() { elements.append(try JSONValue(from: &reader)) }
            self = .array(elements)
        case .object:
            var members: [Member] = []
            try reader.beginObject()
            while let name = try reader.nextMember() {
                members.append(Member(name.text, try JSONValue(from: &reader)))
            }
            self = .object(members)
        }
    }

    package func write(to writer: inout JSONWriter) {
        switch self {
        case .null: writer.null()
        case .bool(let value): writer.bool(value)
        case .number(let text): writer.raw(Array(text.utf8))
        case .string(let text): writer.string(text)
        case .array(let elements):
            writer.beginArray()
            for element in elements { element.write(to: &writer) }
            writer.endArray()
        case .object(let members):
            writer.beginObject()
            for member in members {
                writer.name(text: member.name)
                member.value.write(to: &writer)
            }
            writer.endObject()
        }
    }

    package var json: [UInt8] {
        var writer = JSONWriter()
        write(to: &writer)
        return writer.bytes
    }

    /// The value of the object's last member of that name.
    package subscript(name: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members.last { $0.name == name }?.value
    }

    package var text: String? {
        guard case .string(let text) = self else { return nil }
        return text
    }
}
