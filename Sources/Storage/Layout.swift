import Primitives

/// Which collections a store holds and in which directory each keeps its segments.
package struct Layout: Sendable {
    package let collections: [Collection]

    package struct Collection: Sendable {
        package let name: String
        package let directory: String
        /// Every record can be worked out from those of other collections: an index.
        package let isDerived: Bool

        package init(_ name: String, in directory: String, isDerived: Bool = false) {
            self.name = name
            self.directory = directory
            self.isDerived = isDerived
        }
    }

    /// - Parameter collections: in name order, or sorted here, which every command waits for.
    package init(_ collections: [Collection]) {
        let isInOrder = collections.indices.dropFirst().allSatisfy { index in
            collections[index - 1].name < collections[index].name
        }
        self.collections = isInOrder ? collections : collections.sorted { $0.name < $1.name }
    }

    /// The directories of all collections, each once, in name order.
    var directories: [String] {
        var names: [String] = []
        for collection in collections where !names.contains(collection.directory) {
            names.append(collection.directory)
        }
        return names.sorted()
    }

    package func directory(of collection: String) -> String? {
        collections.first { $0.name == collection }?.directory
    }
}

/// The paths of one data directory.
struct Paths {
    let root: String

    var shop: String { "\(root)/shop.json" }
    var manifest: String { "\(root)/MANIFEST.json" }
    var nextManifest: String { "\(root)/MANIFEST.next" }
    var manifests: String { "\(root)/manifests" }
    var lock: String { "\(root)/LOCK" }
    var compact: String { "\(root)/COMPACT" }
    var journals: String { "\(root)/journal" }
    var recent: String { "\(root)/recent" }
    var outbox: String { "\(root)/outbox" }
    var quarantine: String { "\(root)/quarantine" }

    func manifest(generation: Int) -> String {
        "\(manifests)/\(zeroPadded(generation, 10)).json"
    }

    func journal(_ file: String) -> String { "\(journals)/\(file)" }

    /// The path of a run or segment by the name the manifest gives it, relative to the root.
    func table(_ file: String) -> String { "\(root)/\(file)" }
}

/// `number` in at least `width` digits.
func zeroPadded(_ number: Int, _ width: Int) -> String {
    Digits.text(Int64(number), width)
}
