/// Members and values on the fast way: names that are known when the program is built, and values as they are.
extension JSONWriter {
    /// The name of the next member: printable ASCII without quotes and backslashes, so that nothing needs a look.
    package mutating func field(_ name: StaticString) {
        self.name(quotedAlready: name)
    }

    package mutating func field(_ name: StaticString, _ text: String) {
        field(name)
        value(text)
    }

    /// Null when there is none, as below.
    package mutating func field(_ name: StaticString, _ text: String?) {
        field(name)
        if let text { value(text) } else { null() }
    }

    package mutating func field(_ name: StaticString, _ number: Double?) {
        field(name)
        if let number { value(number) } else { null() }
    }

    package mutating func field(_ name: StaticString, _ number: Int?) {
        field(name)
        if let number { value(number) } else { null() }
    }

    package mutating func field(_ name: StaticString, _ flag: Bool) {
        field(name)
        value(flag)
    }

    /// A value that another writer has written on one line: `body` appends its bytes.
    package mutating func taken(_ body: (inout [UInt8]) -> Void) {
        separate()
        body(&bytes)
        needsComma = true
    }

    /// Appends a whole number in decimal.
    mutating func append(_ number: Int64) {
        if number < 0 { bytes.append(UInt8(ascii: "-")) }
        var rest = number.magnitude
        guard rest > 9 else { return bytes.append(48 + UInt8(rest)) }
        let start = bytes.count
        while rest > 0 {
            let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
            bytes.append(48 + UInt8(truncatingIfNeeded: digit))
            rest = quotient
        }
        bytes[start...].reverse()
    }
}
