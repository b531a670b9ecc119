import Model
import Posix

/// The numbered files of a spool; the highest number is written to, the lowest is read.
struct SpoolFolder: ~Copyable {
    private struct File {
        var number: Int
        var bytes: Int
        var records: Int
    }

    private let folder: String
    private let fileBytes: Int
    private var files: [File] = []
    private var writing: DurableFile?
    /// The file that is being given back; it is not written to any more.
    private(set) var reading: Int?
    private var isOpen = false

    init(path: String, fileBytes: Int) {
        folder = path
        self.fileBytes = fileBytes
    }

    var isEmpty: Bool { files.isEmpty }
    var count: Int { files.count }
    var bytes: Int { files.reduce(0) { $0 + $1.bytes } }
    var oldest: Int? { files.first?.number }

    func path(of file: Int) -> String { "\(folder)/\(file).spool" }

    /// Records in a file; only what this run wrote or read is known.
    func records(in file: Int) -> Int { files.first { $0.number == file }?.records ?? 0 }

    mutating func open() throws(PosixError) {
        guard !isOpen else { return }
        try DurableFile.makeFolder(folder)
        let numbers = try DurableFile.names(in: folder).compactMap { name in
            name.hasSuffix(".spool") ? Int(name.dropLast(6)) : nil
        }
        var found: [File] = []
        for number in numbers.sorted() {
            let size = Int(try DurableFile.size(of: path(of: number)) ?? 0)
            let records = try read(contentOf: number).results.count
            found.append(File(number: number, bytes: size, records: records))
        }
        files = found
        isOpen = true
    }

    /// Writes records to the end and waits until they are on the disk; all of them or none.
    mutating func append(_ records: [[UInt8]]) throws(PosixError) {
        try open()
        let bytes = Array(records.joined())
        try prepareFile()
        guard var file = writing.take() else { return }
        do throws(PosixError) {
            try file.append(bytes)
        } catch {
            // Another file next time: nobody knows what a failed sync left of this one.
            if let last = files.last, last.records == 0 { try remove(last.number) }
            throw error
        }
        files[files.count - 1].bytes = file.size
        files[files.count - 1].records += records.count
        writing = consume file
    }

    /// The results of a file, and whether all of it could be read.
    mutating func read(_ number: Int) throws(PosixError) -> (results: [CheckResult], isWhole: Bool) {
        reading = number
        if files.last?.number == number { writing = nil }
        let content = try read(contentOf: number)
        if let index = files.firstIndex(where: { $0.number == number }) {
            files[index].records = content.results.count
        }
        return content
    }

    mutating func remove(_ number: Int) throws(PosixError) {
        if files.last?.number == number { writing = nil }
        if reading == number { reading = nil }
        files.removeAll { $0.number == number }
        try DurableFile.remove(path(of: number))
    }

    /// Begins a new file when there is none to write to or it is large enough.
    private mutating func prepareFile() throws(PosixError) {
        if let last = files.last, last.bytes < fileBytes, writing != nil { return }
        let number = (files.last?.number ?? 0) + 1
        let file = try DurableFile(appendingTo: path(of: number))
        try DurableFile.syncFolder(folder)
        writing = consume file
        files.append(File(number: number, bytes: 0, records: 0))
    }

    private func read(contentOf number: Int) throws(PosixError) -> (results: [CheckResult], isWhole: Bool) {
        var rest = try DurableFile.read(path(of: number))[...]
        var results: [CheckResult] = []
        while !rest.isEmpty {
            guard let result = SpoolRecord.decode(&rest) else { return (results, false) }
            results.append(result)
        }
        return (results, true)
    }
}
