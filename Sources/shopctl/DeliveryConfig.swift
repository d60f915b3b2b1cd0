import Formats
import Primitives
import ShopCore

/// The member `delivery` of the config file: the program that sends codes to people.
///
/// With the person at the terminal and in nobody's data directory, like `providers`.
enum DeliveryConfig {
    static func read(_ value: JSONValue) throws(ShopError) -> ExecSettings {
        guard case .object(let members) = value else {
            throw .invalidConfig("delivery is not an object")
        }
        return try ProviderConfig.exec(
            members, ["program", "arguments", "timeLimit"], timeLimit: 10)
    }
}
