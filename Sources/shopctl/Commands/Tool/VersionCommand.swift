import Formats
import Primitives

/// `shopctl version`.
struct VersionCommand: ShoplessCommand {
    static var name: String { "version" }
    static var spec: CommandSpec {
        CommandSpec(
            name, "Print the version",
            examples: [
                .init("shopctl version"),
                .init("shopctl version --json", "for scripts"),
            ])
    }

    /// The version of this source tree.
    static var version: String { "0.1.0" }

    init(_ arguments: ParsedArguments) throws(ShopError) {}

    func run(_ context: CommandContext) throws(ShopError) -> Report {
        .text(Self.text(asJSON: context.settings.format?.isJSON ?? false))
    }

    static func text(asJSON: Bool) -> String {
        guard asJSON else { return "shopctl \(version)\n" }
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("version", version)
        writer.endObject()
        return String(decoding: writer.bytes, as: UTF8.self) + "\n"
    }
}
