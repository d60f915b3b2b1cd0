import Storage
import TestSupport
import Testing

/// The tests of the store find the mistakes that stores make: each is planted, and must be found.
@Suite struct PlantedDefectTests {
    @Test("nothing is found where nothing is wrong", arguments: StoreWatch.allCases)
    func nothingIsWrong(watch: StoreWatch) throws {
        #expect(try watch.problem() == nil)
    }

    #if DEBUG
        /// Who finds what; docs/durability.md has the same table.
        static let watches: [(PlantedDefect, StoreWatch)] = [
            (.journalSyncDropped, .maintenance),
            (.tableSyncDropped, .maintenance),
            (.manifestSyncDropped, .maintenance),
            (.manifestSyncAfterRename, .maintenance),
            (.rootDirectorySyncDropped, .maintenance),
            (.parentDirectorySyncDropped, .making),
            (.journalDirectorySyncDropped, .maintenance),
            (.recentDirectorySyncDropped, .maintenance),
            (.collectionDirectorySyncDropped, .maintenance),
            (.watermarkNotWritten, .damage),
            (.lockNotTaken, .twoWriters),
            (.pinNotTaken, .slowReader),
            (.shortWriteLeft, .shortWrite),
            (.chainCheckOff, .damage),
            (.lineChecksumOff, .damage),
            (.blockChecksumOff, .damage),
            (.watermarkNotHonoured, .damage),
            (.tornTailLeft, .maintenance),
            (.failedSyncRetried, .errors),
            (.strangersLinesTrusted, .errors),
            (.sweepTakesNamedFiles, .maintenance),
            (.foldLosesRemovals, .maintenance),
        ]

        @Test("every planted mistake is found", arguments: watches)
        func isFound(defect: PlantedDefect, watch: StoreWatch) throws {
            let problem = try PlantedDefect.$current.withValue(defect) { try watch.problem() }
            #expect(problem != nil, "\(defect.rawValue) is not found by \(watch)")
        }

        @Test("every mistake there is is planted")
        func allArePlanted() {
            #expect(Set(Self.watches.map(\.0)) == Set(PlantedDefect.allCases))
        }
    #endif
}
