import Glibc

/// The error numbers that callers tell apart.
package enum ErrorNumber {
    package static let noEntry = ENOENT
    package static let notAFolder = ENOTDIR
    package static let noAccess = EACCES
    package static let notAProgram = ENOEXEC
    package static let busyText = ETXTBSY
    package static let listTooLong = E2BIG
    package static let noMemory = ENOMEM
    package static let tryAgain = EAGAIN
    package static let tooManyFiles = EMFILE
    package static let fileTableFull = ENFILE
}
