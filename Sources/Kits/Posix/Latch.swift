/// Lets a thread wait once for a value that another makes.
package final class Latch<Value: Sendable>: Sendable {
    private let value = Monitor<Value?>(nil)

    package init() {}

    /// Gives the value; later ones are dropped.
    package func open(_ value: Value) {
        self.value.change(wakingAll: true) { current in
            if current == nil { current = value }
        }
    }

    /// Blocks this thread until there is a value, at most `limit`; nil after that.
    package func wait(atMost limit: Duration) -> Value? {
        value.wait(atMost: limit) { $0 }
    }
}
