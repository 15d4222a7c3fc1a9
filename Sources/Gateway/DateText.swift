import Vocabulary

/// The `date` header, written once a second.
struct DateText {
    private var moment = UnixTime(-1)
    private var written = ""

    /// The moment as RFC 9110 section 5.6.7 writes it, for example `Sun, 06 Nov 1994 08:49:37 GMT`.
    mutating func text(at now: UnixTime) -> String {
        if now != moment {
            moment = now
            written = now.httpDate
        }
        return written
    }
}
