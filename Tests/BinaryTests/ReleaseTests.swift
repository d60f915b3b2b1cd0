import Foundation
import Testing

/// What a release build does not contain.
@Suite(.enabled(if: ProcessInfo.processInfo.environment["SHOPCTL_BINARY"] != nil))
struct ReleaseTests {
    @Test("the planted mistakes of the tests are not in the release build")
    func noPlantedDefects() throws {
        let path = try #require(ProcessInfo.processInfo.environment["SHOPCTL_BINARY"])
        guard path.contains("release") else { return }
        let binary = try Data(contentsOf: URL(fileURLWithPath: path))
        // Something that is there, so that this looks into the right file.
        #expect(binary.range(of: Data("acknowledged-data-missing".utf8)) != nil)
        for text in [
            "SHOPCTL_DEFECT", "chain-check-off", "block-checksum-off", "fold-loses-removals",
            "torn-tail-left", "lock-not-taken",
        ] {
            #expect(binary.range(of: Data(text.utf8)) == nil, "\(text)")
        }
    }
}
