/// One immutable value that many jobs point to, so that a job stays a few words however large its host is.
@dynamicMemberLookup
package final class Shared<Value: Sendable>: Sendable {
    package let value: Value

    package init(_ value: Value) { self.value = value }

    package subscript<Member>(dynamicMember path: KeyPath<Value, Member>) -> Member { value[keyPath: path] }
}
