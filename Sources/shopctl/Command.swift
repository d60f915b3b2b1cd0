import Primitives
import ShopCore

/// One command of the tool: its declaration, its typed properties read from the line, and one
/// or two lines that run it.
///
/// `name` stands apart from `spec` so that finding a command among all of them builds nothing.
protocol Command: Sendable {
    /// Noun and verb as typed, `product add`. `spec` begins with it.
    static var name: String { get }
    static var spec: CommandSpec { get }
    /// Reads the line into the command's properties; refuses what needs no data to refuse.
    init(_ arguments: ParsedArguments) throws(ShopError)
    /// Runs, opening the shop only where one is needed.
    ///
    /// A requirement that the two kinds below fill, rather than a cast to one of them: the first
    /// cast of a process costs a search through all conformances.
    func answer(
        _ context: CommandContext, opening shop: () throws(ShopError) -> Shop
    ) throws(ShopError) -> Report
}

/// A command that needs no shop: answered before any data directory is looked at.
protocol ShoplessCommand: Command {
    func run(_ context: CommandContext) throws(ShopError) -> Report
}

/// A command that works on the shop.
protocol ShopCommand: Command {
    func run(in shop: Shop, _ context: CommandContext) throws(ShopError) -> Report
}

extension ShoplessCommand {
    func answer(
        _ context: CommandContext, opening shop: () throws(ShopError) -> Shop
    ) throws(ShopError) -> Report {
        try run(context)
    }
}

extension ShopCommand {
    func answer(
        _ context: CommandContext, opening shop: () throws(ShopError) -> Shop
    ) throws(ShopError) -> Report {
        try run(in: try shop(), context)
    }
}
