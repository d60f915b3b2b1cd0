import Testing

/// The only arrows allowed between targets; the table of docs/architecture.md.
@Suite struct LayeringTests {
    static let allowed: [String: Set<String>] = [
        "Primitives": ["Glibc", "Synchronization"],
        "Formats": ["Primitives", "CCarryless", "CVector", "Glibc"],
        "Catalog": ["Primitives", "Formats"],
        "Orders": ["Primitives", "Formats"],
        "Payments": ["Primitives", "Formats"],
        "Users": ["Primitives", "Formats", "CCrypt", "Glibc"],
        "Storage": ["Primitives", "Formats", "CLinux", "Glibc"],
        "ShopCore": [
            "Catalog", "Orders", "Payments", "Users", "Storage", "Primitives", "Formats", "Glibc",
        ],
        "shopctl": [
            "ShopCore", "Catalog", "Orders", "Payments", "Users", "Primitives", "Formats", "Glibc",
        ],
    ]

    /// The module an import line names, whatever its access level and attributes.
    static func importedModule(_ line: String) -> String? {
        let words = line.split { $0 == " " || $0 == "\t" }.map(String.init)
        guard let position = words.firstIndex(of: "import"), position + 1 < words.count,
            words[..<position].allSatisfy({
                $0.hasPrefix("@") || ["package", "public", "internal", "private"].contains($0)
            })
        else { return nil }
        let rest = words[(position + 1)...]
        let kinds = ["struct", "class", "enum", "protocol", "func", "var", "let", "typealias"]
        let module = kinds.contains(rest[position + 1]) ? rest.dropFirst().first : rest.first
        return module?.split(separator: ".").first.map(String.init)
    }

    @Test("every import stays inside the arrows of the architecture")
    func everyImportStaysInsideTheArrows() {
        let files = SourceTree.swiftFiles(under: "Sources")
        #expect(files.count > 10)
        var violations: [String] = []
        for file in files {
            for (index, line) in file.lines.enumerated() {
                guard let module = Self.importedModule(line) else { continue }
                if !(Self.allowed[file.target]?.contains(module) ?? false) {
                    violations.append("\(file.path):\(index + 1): \(line)")
                }
            }
        }
        #expect(violations == [])
    }

    @Test(
        "an import line is read whatever stands around the module",
        arguments: [
            ("import Storage", "Storage"),
            ("package import Primitives", "Primitives"),
            ("@preconcurrency internal import Glibc", "Glibc"),
            ("import struct Orders.Order", "Orders"),
            ("// import Storage", nil),
            ("let important = 1", nil),
        ] as [(String, String?)])
    func importLinesAreRead(line: String, module: String?) {
        #expect(Self.importedModule(line) == module)
    }
}
