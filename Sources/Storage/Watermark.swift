import Formats
import Primitives

/// What the last writer claims in LOCK: how much of the journal it had synced when it answered.
///
/// Written after a successful sync only, never synced itself: whatever stands there is a true
/// claim of that moment. Fewer good bytes in the journal than it says means that acknowledged
/// data is gone. For readers of the same boot it is also where the durable part ends.
struct Watermark: Equatable {
    static let size = 256

    var tx: Int
    /// Length of the good part of `file`.
    var bytes: Int
    var file: String
    var boot: String
    var pid: Int32

    /// One line of JSON, padded with blanks to 256 bytes.
    var encoded: [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("tx", Int64(tx))
        writer.member("bytes", Int64(bytes))
        writer.member("file", file)
        writer.member("boot", boot)
        writer.member("pid", Int64(pid))
        writer.endObject()
        var line = ChecksummedLine.sealing(writer.bytes)
        line.removeLast()
        if line.count < Self.size - 1 {
            line += [UInt8](repeating: UInt8(ascii: " "), count: Self.size - 1 - line.count)
        }
        line.append(UInt8(ascii: "\n"))
        return line
    }

    /// nil when the file holds no whole claim: an empty one, or one that was being written.
    init?(decoding bytes: [UInt8]) {
        guard let closing = bytes.lastIndex(of: UInt8(ascii: "}")),
            let line = ChecksummedLine.opening(Array(bytes[...closing]))
        else { return nil }
        var mark = Watermark(tx: 0, bytes: 0, file: "", boot: "", pid: 0)
        do throws(JSONError) {
            try JSONReader.parse(line) { (reader) throws(JSONError) in
                try reader.beginObject()
                while let name = try reader.nextMember() {
                    switch name {
                    case "tx": mark.tx = try reader.size()
                    case "bytes": mark.bytes = try reader.size()
                    case "file": mark.file = try reader.string()
                    case "boot": mark.boot = try reader.string()
                    case "pid": mark.pid = Int32(truncatingIfNeeded: try reader.int64())
                    default: try reader.skip()
                    }
                }
            }
        } catch {
            return nil
        }
        self = mark
    }

    init(tx: Int, bytes: Int, file: String, boot: String, pid: Int32) {
        self.tx = tx
        self.bytes = bytes
        self.file = file
        self.boot = boot
        self.pid = pid
    }
}
