import Formats
import Glibc
import Storage

/// A log of entries, small enough to be right by inspection, with the mistakes that stores make.
///
/// One line per entry, `<CRC-32> <text>`; the checksum covers the line's number as well, so that
/// a line of an old block is not taken for a new one. Opening it rewrites the good lines into a
/// new file, so that whatever it shows is stored, however it came into the cache.
final class ToyLog {
    /// A mistake to plant.
    enum Defect: String, CaseIterable {
        case noDataSync, noDirectorySync, noSyncBeforeRename, noChecksum, noNewlineCheck
        case trustsSecondSync, trustsTheCache, ignoresShortWrites, rewritesInPlace
    }

    static let path = "/log/lines"
    private static let next = "/log/lines.next"

    private let files: any FileSystem
    private let defects: Set<Defect>
    private let file: FileDescriptor
    private(set) var entries: [String]
    private var isBroken = false

    static func make(_ files: any FileSystem) throws {
        try files.makeDirectory("/log")
        try files.synchronizeDirectory("/")
        let file = try files.open(path, .createNew)
        try files.synchronize(file)
        files.close(file)
        try files.synchronizeDirectory("/log")
    }

    init(_ files: any FileSystem, with defects: Set<Defect> = []) throws {
        self.files = files
        self.defects = defects
        let text = try Self.read(files)
        let good = Self.goodLines(text, checking: !defects.contains(.noChecksum))
        entries = good.map { String(decoding: $0.dropFirst(9).dropLast(), as: UTF8.self) }
        if defects.contains(.rewritesInPlace) {
            let file = try files.open(Self.path, .update)
            try files.truncate(file, to: 0)
            _ = try Self.write(Self.text(good)) { try files.write(file, $0, at: 0) }
            try files.synchronize(file)
            files.close(file)
        } else if !defects.contains(.trustsTheCache) && !defects.contains(.noNewlineCheck) {
            try Self.rewrite(files, Self.text(good), defects)
        }
        file = try files.open(Self.path, .append)
        if defects.contains(.trustsTheCache) {
            try files.truncate(file, to: Self.text(good).count)
            try files.synchronizeData(file)
        }
    }

    deinit { files.close(file) }

    func append(_ entry: String) throws {
        guard !isBroken else { throw SystemError(code: EIO) }
        let line = Self.line(entries.count, Array(entry.utf8))
        isBroken = true
        let written = try Self.write(line) { try files.append(file, $0) }
        guard written == line.count || defects.contains(.ignoresShortWrites) else {
            throw SystemError(code: ENOSPC)
        }
        if !defects.contains(.noDataSync) {
            do {
                try files.synchronizeData(file)
            } catch {
                guard defects.contains(.trustsSecondSync) else { throw error }
                try files.synchronizeData(file)
            }
        }
        isBroken = false
        entries.append(entry)
    }

    private static func rewrite(
        _ files: any FileSystem, _ text: [UInt8], _ defects: Set<Defect>
    ) throws {
        if try files.entries("/log").contains("lines.next") { try files.unlink(next) }
        let file = try files.open(next, .createNew)
        defer { files.close(file) }
        var done = 0
        while done < text.count {
            done += try write(Array(text[done...])) { try files.append(file, $0) }
        }
        if !defects.contains(.noSyncBeforeRename) { try files.synchronize(file) }
        try files.rename(next, to: path)
        if !defects.contains(.noDirectorySync) { try files.synchronizeDirectory("/log") }
    }

    private static func write(
        _ bytes: [UInt8], _ call: (UnsafeRawBufferPointer) throws -> Int
    ) throws -> Int {
        try bytes.withUnsafeBytes(call)
    }

    private static func read(_ files: any FileSystem) throws -> [UInt8] {
        let file = try files.open(path, .read)
        defer { files.close(file) }
        return try files.contents(file)
    }

    // MARK: - Lines

    private static func line(_ number: Int, _ text: some Collection<UInt8>) -> [UInt8] {
        let text = Array(text)
        let sum = (Array("\(number) ".utf8) + text).withUnsafeBytes { CRC32.hex(CRC32.of($0)) }
        return Array(sum.utf8) + [0x20] + text + [0x0a]
    }

    private static func goodLines(_ text: [UInt8], checking: Bool) -> [[UInt8]] {
        var lines: [[UInt8]] = []
        for part in text.split(separator: 0x0a, omittingEmptySubsequences: false).dropLast() {
            let whole = Array(part) + [0x0a]
            if checking, whole != line(lines.count, part.dropFirst(9)) { break }
            lines.append(whole)
        }
        return lines
    }

    private static func text(_ lines: [[UInt8]]) -> [UInt8] {
        var text: [UInt8] = []
        for line in lines { text += line }
        return text
    }
}
