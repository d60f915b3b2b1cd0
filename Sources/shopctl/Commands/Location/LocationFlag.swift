import Primitives
import ShopCore

/// `--location`, for commands about units in one place.
enum LocationFlag {
    static let option = OptionSpec.value(
        "location", "NAME", "At which place, where it is not main"
    ).read(by: LocationName.parse)

    static let shown = OptionSpec.value(
        "location", "NAME", "Only at this place, such as main"
    ).read(by: LocationName.parse)

    /// nil is `main`.
    static func location(_ arguments: ParsedArguments) throws(ShopError) -> LocationName? {
        try arguments.value("location", LocationName.parse) ?? nil
    }

    /// All places where the flag is not given.
    static func place(_ arguments: ParsedArguments) throws(ShopError) -> Shop.StockPlace {
        arguments.has("location") ? .one(try location(arguments)) : .all
    }
}
