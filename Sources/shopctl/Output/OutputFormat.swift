/// The forms a result can take (`--format`); `shopctl help formats` describes them.
enum OutputFormat: String, CaseIterable, Sendable {
    case table
    case wide
    case plain
    case csv
    case json
    case jsonl
    case ids
    case count
    case html
    case md

    var isJSON: Bool { self == .json || self == .jsonl }
    /// Made for people: widths are aligned, times are local, hostile text is shown escaped.
    var isForReading: Bool { self == .table || self == .wide }
    /// Forms that only reports have.
    var isDocument: Bool { self == .html || self == .md }

    /// The form a file name asks for: `sales.csv`.
    init?(fileName: String) {
        guard let dot = fileName.lastIndex(of: ".") else { return nil }
        switch fileName[dot...].dropFirst().lowercased() {
        case "csv": self = .csv
        case "json": self = .json
        case "jsonl", "ndjson": self = .jsonl
        case "html", "htm": self = .html
        case "md": self = .md
        case "tsv": self = .plain
        default: return nil
        }
    }
}
