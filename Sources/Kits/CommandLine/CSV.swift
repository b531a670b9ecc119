/// Comma-separated values by RFC 4180, safe to open in a spreadsheet.
package enum CSV {
    /// One record with its line end (CR LF).
    package static func record(_ fields: [String]) -> String {
        fields.map(field).joined(separator: ",") + "\r\n"
    }

    /// Quotes where needed and puts `'` before what a spreadsheet would run as a formula; numbers stay.
    ///
    /// Control characters other than tab and line ends become `\xNN`. On formulas: OWASP "CSV Injection".
    static func field(_ text: String) -> String {
        var safe = ""
        for scalar in text.unicodeScalars {
            let isKept = !Escaping.isUnsafe(scalar) || ["\t", "\n", "\r"].contains(scalar)
            if isKept {
                safe.unicodeScalars.append(scalar)
            } else {
                safe += Escaping.forTerminal(String(scalar))
            }
        }
        if let first = safe.unicodeScalars.first, "=+-@\t\r\n＝＋－＠".unicodeScalars.contains(first),
            Double(safe) == nil
        {
            safe = "'" + safe
        }
        guard safe.unicodeScalars.contains(where: { "\",\r\n".unicodeScalars.contains($0) }) else {
            return safe
        }
        var quoted = "\""
        for scalar in safe.unicodeScalars {
            if scalar == "\"" { quoted += "\"" }
            quoted.unicodeScalars.append(scalar)
        }
        return quoted + "\""
    }
}
