import Formats

extension JSONReader {
    /// A member that the record cannot do without.
    func required<Value>(_ value: Value?, _ name: String) throws(JSONError) -> Value {
        guard let value else {
            throw JSONError(offset: offset, reason: "the member \"\(name)\" is missing")
        }
        return value
    }
}
