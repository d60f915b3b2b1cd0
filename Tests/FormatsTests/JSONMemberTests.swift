import Testing

@testable import Formats

/// Reading a few of many members.
@Suite struct JSONMemberTests {
    private static func wanted(_ text: String, ofLengths lengths: UInt64) throws -> [String] {
        let bytes = Array(text.utf8)
        return try JSONReader.parse(bytes) { (reader) throws(JSONError) in
            var names: [String] = []
            try reader.beginObject()
            while let name = try reader.nextMember(ofLengths: lengths) {
                names.append(name.text)
                try reader.skip()
            }
            return names
        }
    }

    @Test("members of other lengths are passed over, whatever their values")
    func lengths() throws {
        let text = #"{"a":{"bb":[1,{"cc":null}]},"bb":-1.5e3,"ccc":"\"}","dd": 0 ,"e":true}"#
        #expect(try Self.wanted(text, ofLengths: 1 << 2) == ["bb", "dd"])
        #expect(try Self.wanted(text, ofLengths: 1 << 1 | 1 << 3) == ["a", "ccc", "e"])
        #expect(try Self.wanted("{}", ofLengths: ~0) == [])
    }

    @Test("a name with escapes or of 64 bytes and more is always shown")
    func unusualNames() throws {
        let long = String(repeating: "x", count: 64)
        #expect(try Self.wanted(#"{"\u0061":1,"b":2}"#, ofLengths: 0) == ["a"])
        #expect(try Self.wanted("{\"\(long)\":1}", ofLengths: 0) == [long])
    }

    @Test(
        "of what is passed over the frame is validated all the same",
        arguments: [
            #"{"a":1"#, #"{"a":1,}"#, #"{"a" 1}"#, #"{"a":}"#, #"{"a":"x}"#, #"{"a":"x\"#,
            #"{a:1}"#, #"{"a":[1}"#, #"{"a":{"b":"}"}"#, #"{"a":[]]}"#, #"{"a":"x"y}"#,
        ])
    func bad(text: String) {
        #expect(throws: JSONError.self) { try Self.wanted(text, ofLengths: 0) }
    }

    @Test("a token is told from literals, with escapes as well")
    func tokens() throws {
        let bytes = Array(#"["cancelled","c\u0061n","x"]"#.utf8)
        let found = try JSONReader.parse(bytes) { (reader) throws(JSONError) in
            var found: [Bool] = []
            try reader.beginArray()
            while try reader.nextElement() {
                let token = try reader.token()
                found.append(token == "cancelled" || token == "can")
            }
            return found
        }
        #expect(found == [true, true, false])
    }
}
