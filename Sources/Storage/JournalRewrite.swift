import Formats
import Primitives

/// Writes journal files anew: the lines that concern somebody redacted, and all of them tied to
/// each other by new checksums, under the numbers they had.
final class JournalRewrite {
    private let files: Files
    private let paths: Paths
    private let redacting: any Redacting
    private let shop: String
    /// The generation that will name the new files.
    private let generation: Int
    private(set) var seals: SealRewrite

    /// The checksum of the last line so far.
    private(set) var crc: UInt32 = 0
    /// The files that are complete, and all that were begun.
    private(set) var journals: [Manifest.JournalFile] = []
    private var begun: [String] = []
    /// How many lines were redacted.
    private(set) var redacted = 0

    private var file: (descriptor: FileDescriptor, path: String)?
    private var first = 0
    private var buffer: [UInt8] = []
    private var written = 0
    private static let writeSize = 1024 * 1024

    /// Length of the file being written.
    var bytes: Int { written + buffer.count }

    init(
        _ files: Files, _ paths: Paths, _ redacting: any Redacting, shop: String, generation: Int,
        seals: [JournalSeal]
    ) {
        self.files = files
        self.paths = paths
        self.redacting = redacting
        self.shop = shop
        self.generation = generation
        self.seals = SealRewrite(seals)
    }

    deinit {
        if let file { files.close(file.descriptor) }
    }

    /// Begins the file that takes the place of `journal`.
    func begin(_ journal: Manifest.JournalFile, after prev: UInt32) throws(ShopError) {
        if begun.isEmpty { crc = prev }
        let name = JournalHeader.fileName(first: journal.first, purgedBy: generation)
        let path = paths.journal(name)
        begun.append(name)
        file = (try files.createNew(path), path)
        first = journal.first
        written = 0
        buffer = JournalHeader(shop: shop, first: first, prev: crc).encoded
    }

    /// Takes the next line of the old journal; before the first file was begun it stays as it is.
    ///
    /// - Parameter line: without its newline.
    func add(_ tx: Int, _ line: UnsafeRawBufferPointer) throws(ShopError) {
        guard file != nil else { return try seals.add(tx, line, line) }
        var text = Array(line.dropLast(Self.chainLength))
        if redacting.concerns(line, tx: tx) {
            text = try redacting.redacted(text + [UInt8(ascii: "}")], tx: tx)
            text.removeLast()
            redacted += 1
        }
        text.append(contentsOf: #","prev":""#.utf8)
        ChecksummedLine.appendHex(crc, to: &text)
        text.append(UInt8(ascii: "\""))
        crc = ChecksummedLine.seal(&text)
        try text.withBytes { (new) throws(ShopError) in
            try seals.add(tx, line, UnsafeRawBufferPointer(rebasing: new.dropLast()))
        }
        try append(text)
    }

    /// `,"prev":"5be1c0de","crc":"9a3f01bc"}`.
    private static let chainLength = 2 * ChecksummedLine.suffixLength

    /// Takes a whole line that is tied to the one before already.
    func append(_ line: [UInt8]) throws(ShopError) {
        buffer += line
        if buffer.count >= Self.writeSize { try flush() }
    }

    private func flush() throws(ShopError) {
        guard let file else { return }
        try files.append(file.descriptor, file.path, buffer)
        written += buffer.count
        buffer.removeAll(keepingCapacity: true)
    }

    /// Ends a file, which is durable then; its name is not yet.
    func end() throws(ShopError) {
        try flush()
        guard let file else { return }
        try files.synchronize(file.descriptor, file.path)
        files.close(file.descriptor)
        self.file = nil
        let name = begun.last ?? ""
        journals.append(
            Manifest.JournalFile(file: name, first: first, acknowledged: written))
    }

    /// Removes what was written, because nothing will name it.
    func discard() {
        for name in begun {
            do throws(SystemError) { try files.system.unlink(paths.journal(name)) } catch {}
        }
    }
}

extension JournalHeader {
    /// The name of a file that a purge wrote in the place of another.
    static func fileName(first: Int, purgedBy generation: Int) -> String {
        "J-\(zeroPadded(first, 16))-p\(generation).jsonl"
    }

    static func isOfPurge(_ name: String) -> Bool { name.contains("-p") }
}

/// Compares the seals with the old journal, line by line, and makes them anew over the new one.
struct SealRewrite {
    private let seals: [JournalSeal]
    private var next = 0
    private var old = SealHash(after: nil)
    /// nil as long as nothing differs.
    private var new: SealHash?
    /// Those made anew, in order.
    private(set) var made: [JournalSeal] = []

    /// - Parameter seals: oldest first.
    init(_ seals: [JournalSeal]) { self.seals = seals }

    mutating func add(
        _ tx: Int, _ line: UnsafeRawBufferPointer, _ rewritten: UnsafeRawBufferPointer
    ) throws(ShopError) {
        if new == nil, compareBytes(line, rewritten) != 0 { new = old }
        old.add(line)
        new?.add(rewritten)
        guard next < seals.count, seals[next].tx == tx else { return }
        let seal = seals[next]
        next += 1
        guard old.sha256 == seal.sha256 else { throw .sealBroken(seal.name) }
        let sha256 = new?.sha256 ?? seal.sha256
        made.append(JournalSeal(name: seal.name, tx: tx, sha256: sha256))
        if new != nil { new = SealHash(after: sha256) }
        old = SealHash(after: seal.sha256)
    }

    /// What a seal at the last line so far would say: of the old journal, and of the new one.
    var last: (was: String, now: String) { (old.sha256, new?.sha256 ?? old.sha256) }
}

extension ShopError {
    static func sealBroken(_ name: String) -> ShopError {
        ShopError(
            .data, "seal-broken", "the journal is not what it was when \(name) was closed",
            at: name, why: "what is not proven is not rewritten; nothing was changed",
            try: ["shopctl audit verify"])
    }
}
