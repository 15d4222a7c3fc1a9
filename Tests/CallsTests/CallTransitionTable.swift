import Calls
import Testing
import Vocabulary

/// The contract of `CallTransition`: what comes of every move, by whomever, in every state. Written by hand, and the code does as it says.
///
/// A cell is `-` (unchanged), a refusal, `active`, or `<reason> by <who>` for a call that the move ends. `same` and `other` tell whether
/// the move comes from the device that accepted; no name is the same as no name. `rejected` and `cancelled` are calls that ended so, `over`
/// is every other ending.
enum CallTransitionTable {
    static let text = """
        accept       | ringing     | active same | active other       | rejected    | cancelled   | over
        caller       | wrong_party | wrong_party | wrong_party        | wrong_party | wrong_party | wrong_party
        callee       | active      | -           | answered_elsewhere | call_ended  | call_ended  | call_ended
        stranger     | not_a_party | not_a_party | not_a_party        | not_a_party | not_a_party | not_a_party
        nobody       | active      | -           | answered_elsewhere | call_ended  | call_ended  | call_ended

        reject       | ringing            | active same      | active other       | rejected    | cancelled   | over
        caller       | wrong_party        | wrong_party      | wrong_party        | wrong_party | wrong_party | wrong_party
        callee       | rejected by callee | call_not_ringing | answered_elsewhere | -           | call_ended  | call_ended
        stranger     | not_a_party        | not_a_party      | not_a_party        | not_a_party | not_a_party | not_a_party
        nobody       | rejected by callee | call_not_ringing | answered_elsewhere | -           | call_ended  | call_ended

        cancel       | ringing             | active same      | active other     | rejected    | cancelled   | over
        caller       | cancelled by caller | call_not_ringing | call_not_ringing | call_ended  | -           | call_ended
        callee       | wrong_party         | wrong_party      | wrong_party      | wrong_party | wrong_party | wrong_party
        stranger     | not_a_party         | not_a_party      | not_a_party      | not_a_party | not_a_party | not_a_party
        nobody       | cancelled by caller | call_not_ringing | call_not_ringing | call_ended  | -           | call_ended

        end          | ringing             | active same       | active other      | rejected    | cancelled   | over
        caller       | cancelled by caller | hung_up by caller | hung_up by caller | -           | -           | -
        callee       | rejected by callee  | hung_up by callee | hung_up by callee | -           | -           | -
        stranger     | not_a_party         | not_a_party       | not_a_party       | not_a_party | not_a_party | not_a_party
        nobody       | cancelled by nobody | hung_up by nobody | hung_up by nobody | -           | -           | -

        cross        | ringing         | active same     | active other    | rejected        | cancelled       | over
        caller       | already_in_call | already_in_call | already_in_call | already_in_call | already_in_call | already_in_call
        callee       | active          | already_in_call | already_in_call | call_ended      | call_ended      | call_ended
        stranger     | not_a_party     | not_a_party     | not_a_party     | not_a_party     | not_a_party     | not_a_party

        ringTimeout  | ringing          | active same | active other | rejected | cancelled | over
        nobody       | missed by nobody | -           | -            | -        | -         | -

        timeLimit    | ringing | active same          | active other         | rejected | cancelled | over
        nobody       | -       | time_limit by nobody | time_limit by nobody | -        | -         | -

        partyGone    | ringing             | active same          | active other         | rejected | cancelled | over
        caller       | cancelled by caller | party_gone by caller | party_gone by caller | -        | -         | -
        callee       | -                   | party_gone by callee | party_gone by callee | -        | -         | -
        stranger     | -                   | -                    | -                    | -        | -         | -

        userRemoved  | ringing                | active same            | active other           | rejected | cancelled | over
        caller       | user_removed by caller | user_removed by caller | user_removed by caller | -        | -         | -
        callee       | user_removed by callee | user_removed by callee | user_removed by callee | -        | -         | -
        stranger     | -                      | -                      | -                      | -        | -         | -

        tenantClosed | ringing                 | active same             | active other            | rejected | cancelled | over
        nobody       | tenant_closed by nobody | tenant_closed by nobody | tenant_closed by nobody | -        | -         | -
        """

    /// Where the device of the move stands to the one that accepted.
    enum Column: String, CaseIterable {
        case ringing
        case activeSame = "active same"
        case activeOther = "active other"
        case rejected
        case cancelled
        case over

        init(_ stage: Stage, device: String?) {
            switch stage {
            case .ringing: self = .ringing
            case .active(let accepting): self = accepting == device ? .activeSame : .activeOther
            case .unanswered(.rejected): self = .rejected
            case .unanswered(.cancelled): self = .cancelled
            case .unanswered, .answered: self = .over
            }
        }
    }

    struct Place: Hashable {
        let kind: String
        let who: String
        let column: String
    }

    static let cells: [Place: String] = {
        var cells: [Place: String] = [:]
        var heads: [String] = []
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            let fields = line.split(separator: "|").map { String($0.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()) }
            if fields.isEmpty {
                heads = []
            } else if heads.isEmpty {
                heads = fields
            } else {
                for (column, cell) in zip(heads, fields).dropFirst() {
                    cells[Place(kind: heads[0], who: fields[0], column: column)] = cell
                }
            }
        }
        return cells
    }()

    static func cell(_ kind: CallMove.Kind, _ who: Who, _ column: Column) -> String? {
        cells[Place(kind: kind.rawValue, who: "\(who)", column: column.rawValue)]
    }
}
