#if DEBUG
    import Glibc

    /// A mistake that tests plant in the engine, or in the calls it makes, to see that they would
    /// catch it. A release build has none of this: `isPlanted` is false there, and gone.
    package enum PlantedDefect: String, CaseIterable, Sendable {
        // Calls that are not made; the simulated file system leaves them out.
        case journalSyncDropped = "journal-sync-dropped"
        case tableSyncDropped = "table-sync-dropped"
        case manifestSyncDropped = "manifest-sync-dropped"
        case manifestSyncAfterRename = "manifest-sync-after-rename"
        case rootDirectorySyncDropped = "root-directory-sync-dropped"
        case parentDirectorySyncDropped = "parent-directory-sync-dropped"
        case journalDirectorySyncDropped = "journal-directory-sync-dropped"
        case recentDirectorySyncDropped = "recent-directory-sync-dropped"
        case collectionDirectorySyncDropped = "collection-directory-sync-dropped"
        case watermarkNotWritten = "watermark-not-written"
        case lockNotTaken = "lock-not-taken"
        case pinNotTaken = "pin-not-taken"
        case shortWriteLeft = "short-write-left"
        // Checks that are not made, and steps that do the wrong thing.
        case chainCheckOff = "chain-check-off"
        case lineChecksumOff = "line-checksum-off"
        case blockChecksumOff = "block-checksum-off"
        case watermarkNotHonoured = "watermark-not-honoured"
        case tornTailLeft = "torn-tail-left"
        case failedSyncRetried = "failed-sync-retried"
        case strangersLinesTrusted = "strangers-lines-trusted"
        case sweepTakesNamedFiles = "sweep-takes-named-files"
        case foldLosesRemovals = "fold-loses-removals"

        /// The one that is planted: in a test by `$current.withValue`, in a whole run of the tests
        /// by SHOPCTL_DEFECT.
        @TaskLocal package static var current: PlantedDefect? = getenv("SHOPCTL_DEFECT").flatMap {
            PlantedDefect(rawValue: String(cString: $0))
        }
    }
#endif

/// Whether the mistake of this name is planted; never in a release build.
@inline(__always)
func isPlanted(_ name: StaticString) -> Bool {
    #if DEBUG
        guard let current = PlantedDefect.current else { return false }
        return current.rawValue == name.description
    #else
        return false
    #endif
}
