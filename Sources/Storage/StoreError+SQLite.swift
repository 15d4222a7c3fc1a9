import Calls
import GRDB

extension StoreError {
    /// What a failure of SQLite means to somebody who can act on it.
    init(_ error: any Error) {
        if let error = error as? StoreError {
            self = error
            return
        }
        guard let error = error as? DatabaseError else {
            self = error is CancellationError ? .unavailable("the caller went away") : .internal("\(error)")
            return
        }
        switch error.resultCode {
        case .SQLITE_CONSTRAINT: self = .duplicate
        case .SQLITE_ERROR, .SQLITE_MISUSE, .SQLITE_RANGE, .SQLITE_MISMATCH: self = .internal("\(error)")
        default: self = .unavailable("\(error.resultCode): \(error.message ?? "")")
        }
    }

    /// The same for a transaction that failed as a whole, which is nobody's own fault.
    static func ofCommit(_ error: any Error) -> StoreError {
        let reason = StoreError(error)
        switch reason {
        case .unavailable, .internal: return reason
        case .duplicate, .limitReached, .tenantGone: return .unavailable("\(error)")
        }
    }
}
