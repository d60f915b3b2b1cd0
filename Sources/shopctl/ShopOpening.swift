import Primitives

/// Stands where ShopCore's `Shop` comes in.
final class Shop {
    let dataDirectory: String
    let timeZone: TimeZoneName

    init(dataDirectory: String, timeZone: TimeZoneName) {
        self.dataDirectory = dataDirectory
        self.timeZone = timeZone
    }
}

extension Shop {
    /// The shop that the settings name, opened for one command.
    static func opened(
        for spec: CommandSpec, _ context: CommandContext
    ) throws(ShopError) -> Shop {
        guard let directory = context.settings.dataDirectory else { throw .noDataDirectory }
        return Shop(dataDirectory: directory, timeZone: .utc)
    }
}

extension ShopError {
    static var noDataDirectory: ShopError {
        ShopError(
            .config, "no-data-directory", "nothing says where the shop's data is",
            why: "neither --data-dir nor SHOPCTL_DATA_DIR is given, and HOME is not set",
            try: ["--data-dir DIR"])
    }
}
