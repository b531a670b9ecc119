import JSON
import Model

extension JSONWriter {
    /// What a run was given out with, as members of the object that is being written.
    mutating func field(_ assignment: Assignment) {
        field("ticket", assignment.ticket?.text)
        field("observer", assignment.observer)
    }
}

extension WireReader {
    /// What ``JSONWriter/field(_:)`` wrote.
    func assignment() throws(WireError) -> Assignment {
        let text = try newText("ticket")
        let ticket = text.flatMap { Ticket(text: $0) }
        guard (text == nil) == (ticket == nil) else { throw WireError("its field ticket is none of ours") }
        return Assignment(ticket: ticket, observer: try newText("observer"))
    }
}
