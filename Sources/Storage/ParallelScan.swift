import Glibc
package import Primitives

extension View {
    /// Shows every record of a collection, on all cores at once: each worker takes the next
    /// segment's range of keys until there is none.
    ///
    /// - Parameters:
    ///   - begin: makes the empty sum of one worker.
    ///   - visit: adds a record to it; the bytes shown are valid during the call only.
    /// - Returns: the workers' sums, in no order.
    package func sum<Sum>(
        over collection: String, from begin: () -> Sum,
        _ visit: @escaping (inout Sum, Scanned) throws(ShopError) -> Void
    ) throws(ShopError) -> [Sum] {
        let bounds = try generation.segments(of: collection).all().dropFirst().map(\.first)
        let stretches = KeyRange(collection: collection).stretches(endingAt: bounds, collection)
        let count = min(stretches.count, Threads.cores)
        // A walk keeps files and blocks open in its generation, which two cannot share.
        let workers = (0..<count).map { _ in
            ScanWorker(twin(), begin(), visit)
        }
        let turns = Turns(stretches)
        Threads.run(count) { index in workers[index].work(turns) }
        for worker in workers {
            if let failure = worker.failure { throw failure }
        }
        return workers.map(\.sum)
    }
}

extension KeyRange {
    /// The range in parts that end before each of `bounds`, keys inside the collection.
    fileprivate func stretches(endingAt bounds: [[UInt8]], _ collection: String) -> [KeyRange] {
        let inside = bounds.map { Array("\(collection)/".utf8) + $0 }
        return zip([from] + inside, inside + [to]).map { KeyRange(from: $0, to: $1) }
    }
}

/// One worker's view, and what it has added up. Used by one thread at a time.
private final class ScanWorker<Sum>: @unchecked Sendable {
    private let view: View
    private let visit: (inout Sum, View.Scanned) throws(ShopError) -> Void
    private(set) var sum: Sum
    private(set) var failure: ShopError?

    init(
        _ view: View, _ sum: Sum,
        _ visit: @escaping (inout Sum, View.Scanned) throws(ShopError) -> Void
    ) {
        self.view = view
        self.sum = sum
        self.visit = visit
    }

    func work(_ turns: Turns) {
        // In a variable of its own, which needs no check of who else is at it.
        var sum = sum
        defer { self.sum = sum }
        do throws(ShopError) {
            while let range = turns.next() {
                try view.scan(range) { (found) throws(ShopError) in
                    try visit(&sum, found)
                    return true
                }
            }
        } catch {
            failure = error
        }
    }
}

/// The stretches of a walk, handed out one by one to whoever is free.
private final class Turns: @unchecked Sendable {
    private let ranges: [KeyRange]
    private var given = 0
    private var lock = pthread_mutex_t()

    init(_ ranges: [KeyRange]) {
        self.ranges = ranges
        pthread_mutex_init(&lock, nil)
    }

    deinit { pthread_mutex_destroy(&lock) }

    func next() -> KeyRange? {
        pthread_mutex_lock(&lock)
        defer { pthread_mutex_unlock(&lock) }
        guard given < ranges.count else { return nil }
        given += 1
        return ranges[given - 1]
    }
}
