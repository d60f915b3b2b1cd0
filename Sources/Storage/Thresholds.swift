/// How large things may grow before a step makes them smaller; smaller ones in tests.
package struct Thresholds: Sendable {
    /// A tail of so many bytes, or lines, is folded.
    package var foldBytes = 128 * 1024
    package var foldLines = 512
    /// While a batch holds the lock, it folds so many times as much at once.
    package var batchFolds = 8
    /// And merges runs up to so many times as large.
    package var batchMerges = 16
    /// While the base is smaller than this, a fold goes straight into its segments.
    package var smallBase = 1024 * 1024
    /// So many runs of one size are merged into one of the next.
    package var runsPerSize = 4
    /// Runs from this size on are not merged but moved into the base.
    package var largestRun = 8 * 1024 * 1024
    /// The runs' bytes that the base has caught up with, at the latest, when it is large: more
    /// runs are looked through by every lookup, fewer make the base be rewritten more often.
    package var mostRunBytes = 128 * 1024 * 1024
    package var segmentBytes = 4 * 1024 * 1024
    package var journalBytes = 64 * 1024 * 1024
    /// So many segments of one collection stand in the manifest; more stand in a list.
    package var inlineSegments = 16
    /// Memory for the records of one collection in a bulk load, before they are written.
    package var loadBufferBytes = 16 * 1024 * 1024
    /// Up to so many rows an import is an ordinary transaction, with every change in its
    /// journal line; larger ones go straight into segments.
    package var rowsInJournal = 200

    package init() {}
}
