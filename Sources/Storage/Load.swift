package import Formats
package import Primitives

/// The changes of one bulk load, which become segments without passing through the journal.
///
/// Shows the state the load began with, never its own changes: what a load writes it does not
/// read. Records may be set in any order and any number: what comes nearly sorted by key, as
/// files mostly are, streams into the new segments; the rest is sorted through temporary files.
/// Memory is bounded, whatever the count.
package final class Load: View {
    /// The load's time: now, or that of the last transaction where the clock went back.
    package let time: Timestamp

    /// The last transaction that the new segments hold.
    let upTo: Int
    private let store: Store
    private var files: Files { store.files }
    private var paths: Paths { store.paths }
    let segmentBytes: Int
    let buffers: SpareBuffers
    /// The number of the first file that this load makes.
    private let firstFile: Int
    private(set) var nextFile: Int
    private var lanes: [Lane] = []
    /// Sorts and writes beside the thread that adds records.
    let worker: Worker
    /// What the worker reads: the state the load began with, and its own eyes for it.
    let base: View
    /// Waits for the disk to take finished files, while the worker writes the next ones.
    private let syncer: Worker

    /// - Parameter generation: its journal's tail is empty.
    init(_ store: Store, _ generation: Generation, time: Timestamp) {
        let isBeside = store.files.system.isConcurrent
        worker = Worker(isBeside: isBeside)
        syncer = Worker(isBeside: isBeside)
        base = View(isBeside ? generation.twin() : generation)
        self.time = time
        upTo = generation.tail.tx
        self.store = store
        segmentBytes = store.thresholds.segmentBytes
        buffers = SpareBuffers(capacity: store.thresholds.loadBufferBytes)
        firstFile = generation.manifest.nextFile
        nextFile = firstFile
        super.init(generation)
    }

    /// Puts a record in the place of what `key` has; nil removes it. Of several for one key the
    /// last one counts.
    package func set(_ key: RecordKey, _ body: [UInt8]?) throws(ShopError) {
        let collection = Self.collection(of: key.bytes)
        let lane = try self.lane { $0.utf8.elementsEqual(collection) }
        guard let body else { return try lane.add(key, nil) }
        try body.withBytes { (bytes) throws(ShopError) in try lane.add(key, bytes) }
    }

    /// Where the records of one collection go.
    package func lane(_ collection: String) throws(ShopError) -> Lane {
        try lane { $0 == collection }
    }

    private func lane(where isWanted: (String) -> Bool) throws(ShopError) -> Lane {
        if let lane = lanes.first(where: { isWanted($0.collection.name) }) { return lane }
        guard let collection = store.layout.collections.first(where: { isWanted($0.name) })
        else {
            preconditionFailure("a load into no known collection")
        }
        let lane = try Lane(self, collection)
        lanes.append(lane)
        return lane
    }

    /// Writes out what is still in memory.
    ///
    /// - Returns: the segments of every collection that changed; they and their names are durable.
    func finish() throws(ShopError) -> [Manifest.Collection] {
        var loaded: [Manifest.Collection] = []
        for lane in lanes { try lane.handOverRest() }
        try worker.wait()
        for lane in lanes {
            guard let segments = lane.segments else { continue }
            loaded.append(try store.collection(lane.collection, of: segments, &nextFile))
        }
        try syncer.wait()
        let touched = Set(lanes.map(\.collection.directory))
        for directory in touched.sorted() {
            try files.synchronizeDirectory("\(paths.root)/\(directory)")
        }
        return loaded.sorted { $0.name < $1.name }
    }

    /// Waits for the worker's last piece, whatever comes of it; nothing is written from then on.
    func abandon() {
        worker.end()
        syncer.end()
    }

    // MARK: - For the worker

    func newWriter(for collection: Layout.Collection) throws(ShopError) -> TableWriter {
        let name =
            "\(collection.directory)/\(collection.name)-\(zeroPadded(nextFile, 6)).jsonl"
        nextFile += 1
        return try TableWriter(files, paths, name: name)
    }

    /// Ends a segment; the disk takes it while the next ones are being written.
    func finish(_ writer: TableWriter, upTo: Int) throws(ShopError) -> Manifest.TableFile {
        let file = try writer.finish(fromTx: 0, upTo: upTo, synchronizing: false)
        try syncer.run { () throws(ShopError) in try writer.synchronize() }
        return file
    }

    /// Removes the segments that this load has made and that nothing will name. Those of before
    /// are the shop's until the load is published. Where one cannot be removed, a later sweep
    /// finds it.
    func discard(_ segments: [Manifest.TableFile], butNotIn kept: [Manifest.TableFile]) {
        for segment in segments where segment.number >= firstFile {
            guard !kept.contains(where: { $0.file == segment.file }) else { continue }
            do throws(SystemError) { try files.system.unlink(paths.table(segment.file)) } catch {}
        }
    }

    func spill(
        _ buffer: SortBuffer, _ collection: Layout.Collection
    ) throws(ShopError) -> SpillFile {
        let name = "\(collection.name)-\(zeroPadded(nextFile, 6)).spill"
        nextFile += 1
        return try SpillFile(files, "\(paths.root)/\(collection.directory)/\(name)", buffer)
    }
}

/// The records of one collection in a load.
///
/// A lane takes records as they come and hands them over by the buffer to its `LaneWriter`,
/// which sorts and writes beside.
package final class Lane {
    let collection: Layout.Collection
    private unowned let load: Load
    // Asking at each record whether two write at once took as long as its key.
    @exclusivity(unchecked) private var buffer: SortBuffer
    private let sorted: LaneWriter
    @exclusivity(unchecked) private var writer = JSONWriter()
    private let prefix: Int

    fileprivate init(_ load: Load, _ collection: Layout.Collection) throws(ShopError) {
        self.load = load
        self.collection = collection
        buffer = load.buffers.take()
        sorted = LaneWriter(load, collection)
        prefix = collection.name.utf8.count + 1
    }

    /// Adds a record under a key of this lane's collection.
    package func add(_ key: RecordKey, _ record: some JSONRecord) throws(ShopError) {
        writer.reset()
        record.write(to: &writer)
        try add(key, writer.written)
    }

    /// Adds an index entry, which is all key.
    package func add(entry key: RecordKey) throws(ShopError) {
        try Self.emptyObject.withBytes { (bytes) throws(ShopError) in try add(key, bytes) }
    }

    private static let emptyObject = Array("{}".utf8)

    func add(_ key: RecordKey, _ value: UnsafeRawBufferPointer?) throws(ShopError) {
        try key.bytes.withBytes { (bytes) throws(ShopError) in
            let inner = UnsafeRawBufferPointer(rebasing: bytes[prefix...])
            while !buffer.add(inner, value) {
                if buffer.isEmpty {
                    // One record larger than the buffer: a buffer of its own.
                    buffer = SortBuffer(capacity: inner.count + (value?.count ?? 0))
                } else {
                    try handOver()
                }
            }
        }
    }

    private func handOver() throws(ShopError) {
        let (full, sorted) = (buffer, sorted)
        buffer = load.buffers.take()
        try load.worker.run { () throws(ShopError) in try sorted.take(full) }
    }

    /// Hands over what there is, to be finished.
    fileprivate func handOverRest() throws(ShopError) {
        let (rest, sorted) = (buffer, sorted)
        try load.worker.run { () throws(ShopError) in try sorted.finish(rest) }
    }

    /// The collection's segments, once the worker is done; nil when nothing was added.
    fileprivate var segments: [Manifest.TableFile]? { sorted.segments }
}
