/// What a plugin printed, taken apart by the rules of the plugin interface.
package struct PluginOutput: Sendable, Equatable {
    /// The first line up to `|`.
    package var text: String
    /// The further lines, without performance data.
    package var longText: String
    /// Performance data as it was printed; ``PerformanceData`` parses it.
    package var performanceText: String
    /// At most 4 KiB of standard error.
    package var errorText: String
    /// Whether output beyond the limits was dropped.
    package var isTruncated: Bool
    /// Whether NUL bytes or invalid UTF-8 were replaced.
    package var isSanitised: Bool
    /// How many bytes were read and dropped.
    package var droppedBytes: Int

    package init(
        text: String, longText: String = "", performanceText: String = "", errorText: String = "",
        isTruncated: Bool = false, isSanitised: Bool = false, droppedBytes: Int = 0
    ) {
        self.text = text
        self.longText = longText
        self.performanceText = performanceText
        self.errorText = errorText
        self.isTruncated = isTruncated
        self.isSanitised = isSanitised
        self.droppedBytes = droppedBytes
    }
}
