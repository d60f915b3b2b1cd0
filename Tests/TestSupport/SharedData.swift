import Foundation

/// The path of `relative` (`data/iso4217/iso4217_minor_units.csv`) below the directory of real
/// data beside the package, or below `SHOPCTL_SHARED`; nil where it is not there, and the tests
/// that read it are skipped.
package func sharedData(_ relative: String) -> String? {
    var roots: [String] = []
    if let given = ProcessInfo.processInfo.environment["SHOPCTL_SHARED"] { roots.append(given) }
    // Tests/TestSupport/SharedData.swift is three levels below the package.
    let package = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    for level in ["../shared", "../../shared"] {
        roots.append(package.appendingPathComponent(level).standardized.path)
    }
    return roots.map { "\($0)/\(relative)" }.first { FileManager.default.fileExists(atPath: $0) }
}

/// The text of a shared file; nil where it is absent.
package func sharedText(_ relative: String) -> String? {
    sharedData(relative).flatMap { try? String(contentsOfFile: $0, encoding: .utf8) }
}
