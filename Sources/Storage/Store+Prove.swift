import Formats
package import Primitives

/// What reading the whole journal has shown.
package struct JournalProof: Sendable, Equatable {
    package fileprivate(set) var files = 0
    package fileprivate(set) var transactions = 0
    /// The last transaction that is proven, where its line stands, and its time.
    package fileprivate(set) var last = JournalPlace(file: "", tx: 0, line: 0)
    package fileprivate(set) var lastAt = ""
    /// Seals that the journal agrees with.
    package fileprivate(set) var seals = 0
    package fileprivate(set) var findings: [Finding] = []
}

/// Where the line of a transaction stands.
package struct JournalPlace: Sendable, Equatable {
    /// `journal/J-0000000000000042.jsonl`.
    package let file: String
    package let tx: Int
    /// Counted from 1, which is the file's header.
    package let line: Int
}

/// What a walk through the journals reads of a line besides its bytes.
struct JournalContent {
    var idempotencyKey: String?
    var at = ""
    /// The collections that a bulk load put new segments in.
    var loaded: [String] = []
}

extension Store {
    /// Reads every file of the journal from its beginning: the checksum of each line, the chain
    /// from line to line and from file to file, numbers without gaps, times that never go back.
    ///
    /// Also reads what no command can open any more. Changes nothing.
    ///
    /// - Parameters:
    ///   - seals: what the journal must agree with, oldest first.
    ///   - purge: the same of the last purge.
    package func proveJournal(
        _ seals: [JournalSeal], purge: JournalSeal? = nil
    ) throws(ShopError) -> JournalProof {
        try settle()
        var proof = JournalProof()
        let (manifest, end, failure) = try journalsToProve()
        proof.files = manifest.journals.count
        var findings: [Finding] = []
        var sealed = SealCheck(seals, purge: purge)
        _ = walkJournals(manifest, upTo: end, &findings) { place, line, bytes in
            proof.transactions += 1
            proof.last = place
            proof.lastAt = line.at
            sealed.add(place, bytes)
        }
        // Where a line is missing or bad, no seal after it can be compared.
        if findings.isEmpty { sealed.finish(at: proof.last) }
        proof.seals = sealed.proven
        proof.findings = findings.isEmpty ? sealed.findings : findings
        if let failure, proof.findings.isEmpty {
            proof.findings = [Finding(failure, in: relative(failure.location ?? paths.journals))]
        }
        return proof
    }

    /// The published journals, how far the last one is claimed to be durable, and why they cannot
    /// be read as usual.
    private func journalsToProve() throws(ShopError) -> (Manifest, end: Int, ShopError?) {
        var manifest: Manifest
        var end: Int
        var failure: ShopError?
        do throws(ShopError) {
            let generation = try refreshForReading()
            (manifest, end) = (generation.manifest, generation.tail.end)
        } catch {
            guard try files.exists(paths.manifest) else { throw error }
            let bytes = try files.contents(of: paths.manifest)
            manifest = try Manifest(decoding: bytes, path: paths.manifest)
            end = manifest.openJournal?.acknowledged ?? 0
            failure = error
        }
        if let mark = try watermark(), mark.file == manifest.openJournal?.file {
            end = max(end, mark.bytes)
        }
        return (manifest, end, failure)
    }

    /// Shows the line of every transaction, oldest first. What is wrong is added to the findings;
    /// a file is left where it is damaged, and the next one begins a chain anew.
    ///
    /// - Parameter end: where the good part of the last file ends.
    /// - Returns: whether everything was as it should be.
    func walkJournals(
        _ manifest: Manifest, upTo end: Int, _ findings: inout [Finding],
        _ visit: (JournalPlace, JournalContent, UnsafeRawBufferPointer) -> Void
    ) -> Bool {
        let before = findings.count
        var walk = JournalWalk(files, paths, manifest)
        var last = ""
        for journal in manifest.journals {
            let isOpen = journal.file == manifest.openJournal?.file
            let file = "journal/\(journal.file)"
            do throws(ShopError) {
                try walk.walk(journal, upTo: isOpen ? end : journal.acknowledged) {
                    (tx, line) throws(ShopError) in
                    let place = JournalPlace(file: file, tx: tx, line: tx - journal.first + 2)
                    let content = try JournalContent(of: line, paths.journal(journal.file))
                    if content.at < last {
                        findings.append(
                            Finding(
                                "time-went-back", in: file, at: "line \(place.line)",
                                "transaction \(tx) is of \(content.at), the one before of \(last)",
                                .restoreBackup))
                    }
                    last = content.at
                    visit(place, content, line)
                }
            } catch {
                findings.append(Finding(error, in: file))
                walk = JournalWalk(files, paths, manifest)
            }
        }
        return findings.count == before
    }
}

extension JournalContent {
    fileprivate init(of line: UnsafeRawBufferPointer, _ path: String) throws(ShopError) {
        self.init()
        do throws(JSONError) {
            var reader = JSONReader(line)
            try reader.beginObject()
            while let name = try reader.nextMember() {
                switch name {
                case "at": at = try reader.string()
                case "idempotencyKey": idempotencyKey = try reader.string()
                case "loaded":
                    try reader.beginObject()
                    while let collection = try reader.nextMember() {
                        loaded.append(collection.text)
                        try reader.skip()
                    }
                default: try reader.skip()
                }
            }
        } catch {
            throw .journalCorrupt(path, 0)
        }
    }
}
