import Foundation

/// The Swift files of this package, read from disk.
enum SourceTree {
    struct File {
        /// Relative to the package root: `Sources/Storage/Store.swift`.
        let path: String
        let lines: [String]

        var name: String { String(path.split(separator: "/").last ?? "") }
        /// The target a file of Sources belongs to.
        var target: String { String(path.split(separator: "/").dropFirst().first ?? "") }
    }

    static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    static func swiftFiles(under folders: String...) -> [File] {
        folders.flatMap { folder -> [File] in
            let base = root.appendingPathComponent(folder)
            let paths = FileManager.default.enumerator(atPath: base.path)?.allObjects ?? []
            return paths.compactMap { $0 as? String }.filter { $0.hasSuffix(".swift") }.sorted()
                .compactMap { path in
                    let url = base.appendingPathComponent(path)
                    guard let text = try? String(contentsOf: url, encoding: .utf8) else {
                        return nil
                    }
                    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
                    return File(path: folder + "/" + path, lines: lines.map(String.init))
                }
        }
    }
}
