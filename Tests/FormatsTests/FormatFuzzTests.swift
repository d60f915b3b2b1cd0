import Formats
import Primitives
import TestSupport
import Testing

/// JSON and CSV from anywhere: no trap, no hang, and what is read is written again the same.
@Suite struct FormatFuzzTests {
    @Test("any JSON is read, written and read the same, or refused")
    func json() {
        let corpus = [
            #"{"sku":"MUG-1","tags":["a","b\u00e9"],"x":{"y":[true,false,null,-1.5e3]}}"#,
            #"[{"a":"\ud83d\ude00"},"😀\n\t\\",0,-0,1e308,[[[[[]]]]]]"#, #""plain""#,
            "12345678901234",
        ].map { Array($0.utf8) }
        let run = Fuzzing(corpus) { bytes in
            guard let value = try? JSONValue(parsing: bytes) else { return }
            var writer = JSONWriter()
            value.write(to: &writer)
            let again = try? JSONValue(parsing: writer.bytes)
            var second = JSONWriter()
            again?.write(to: &second)
            #expect(second.bytes == writer.bytes, "\(String(decoding: bytes, as: UTF8.self))")
        }
        print("fuzzing JSON: \(run)")
        #expect(run.slowest < 1)
    }

    @Test("any value is passed over as far as it is read, and never beyond its bytes")
    func passing() {
        let block = String(repeating: #"{"a":["\\\"}",{}],"b":"]["}"#, count: 9)
        let corpus = [
            #"{"a":[1,{"b":"}\""}],"c":"\\"},1"#, #"[[],{},"[{\\",-1.5e3 ,true]"#, #""plain\"" "#,
            "12345678901234,", "[" + block.replacing("}{", with: "},{") + "]]",
        ].map { Array($0.utf8) }
        let run = Fuzzing(corpus) { bytes in
            bytes.withUnsafeBytes { buffer in
                var (strict, fast) = (JSONReader(buffer), JSONReader(buffer))
                let end: Void? = try? fast.passOver()
                #expect(fast.offset <= bytes.count)
                guard (try? strict.skip()) != nil else { return }
                // What may follow a value; anything else is no JSON.
                let next = bytes.dropFirst(strict.offset).first ?? UInt8(ascii: ",")
                guard ",}] \n\r\t".utf8.contains(next) else { return }
                #expect(end != nil && fast.offset == strict.offset, "\(bytes)")
            }
        }
        print("fuzzing the passing over of JSON: \(run)")
        #expect(run.slowest < 1)
    }

    @Test("JSON nested very deep is refused and does not exhaust the stack")
    func deepJSON() {
        for opening in ["[", #"{"a":"#] {
            let text = String(repeating: opening, count: 200_000)
            #expect(throws: JSONError.self) { _ = try JSONValue(parsing: Array(text.utf8)) }
        }
    }

    @Test("any CSV is read the same in pieces of any size, and after being written again")
    func csv() {
        let corpus = [
            "sku,name,price\r\nMUG-1,\"Blue, \"\"big\"\" mug\",12.99\r\n,,\r\n",
            "a;b;c\n1;\"x\ny\";3\n", "\u{feff}sku,name\nA,é😀\n", "5\" pipe,2\n",
        ].map { Array($0.utf8) }
        func read(_ bytes: [UInt8], chunk: Int) -> [[String]]? {
            var rest = bytes[...]
            var reader = CSVReader { (buffer) throws(CSVError) in
                let part = rest.prefix(min(chunk, buffer.count))
                buffer.copyBytes(from: part)
                rest = rest.dropFirst(part.count)
                return part.count
            }
            var rows: [[String]] = []
            do {
                while try reader.next() {
                    rows.append((0..<reader.fieldCount).map { reader.field($0) })
                }
            } catch { return nil }
            return rows
        }
        let run = Fuzzing(corpus) { bytes in
            let rows = read(bytes, chunk: 65_536)
            #expect(rows == read(bytes, chunk: 1), "\(bytes)")
            guard let rows else { return }
            var writer = CSVWriter()
            for row in rows { writer.record(row) }
            let again = read(writer.take(), chunk: 7)
            #expect(again == rows, "\(bytes)")
        }
        print("fuzzing CSV: \(run)")
        #expect(run.slowest < 1)
    }
}
