/// Every command of the tool, in the order help lists them.
enum CommandTable {
    static var all: [any Command.Type] {
        [
            RunCommand.self,
            SchemaCommand.self,
            HelpCommand.self,
            VersionCommand.self,
        ]
    }
}
