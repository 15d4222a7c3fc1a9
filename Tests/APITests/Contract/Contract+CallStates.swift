import StrictJSON

/// One move of `components.x-call-states`.
struct ContractCallMove: Sendable {
    let name: String
    let table: JSONObject

    /// The operation that is the move; nil where no request is.
    var operation: String? { table["operation"]?.stringValue }
    /// Whose move it is: parties, or the service.
    var by: Set<String> { Set((table["by"]?.arrayValue ?? []).compactMap(\.stringValue)) }
}

/// One row of the table: what comes of a move in a state.
struct ContractCallRow: Sendable, CustomStringConvertible {
    let move: ContractCallMove
    let state: String
    /// What has to hold beside the state; nil for whatever the rows before leave.
    let when: String?
    /// The state that the call comes to, `unchanged`, or the code of a problem.
    let then: String
    /// Where it ends: why.
    let reason: String?

    var description: String { "\(move.name) when \(state)\(when.map { ", \($0)" } ?? "")" }
}

extension Contract {
    /// `components.x-call-states`, in the order of the document.
    var callMoves: [ContractCallMove] {
        (document["components"]?["x-call-states"]?.objectValue?.members ?? []).compactMap { member in
            member.value.objectValue.map { ContractCallMove(name: member.name, table: $0) }
        }
    }

    /// The same table, row by row.
    var callRows: [ContractCallRow] {
        callMoves.flatMap { move in
            move.table.members.flatMap { cell in
                (cell.value.arrayValue ?? []).compactMap { row in
                    row["then"]?.stringValue.map { then in
                        ContractCallRow(
                            move: move, state: cell.name, when: row["when"]?.stringValue, then: then, reason: row["reason"]?.stringValue)
                    }
                }
            }
        }
    }
}
