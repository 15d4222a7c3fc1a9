/// What the Socket.IO part of a connection answers to every fact in every state, in the words of `Client`: `-` where it says nothing,
/// `no` where it tells the application that its answer no longer fits.
enum SocketIOSessionTable {
    static let lines = Set(text.split(separator: "\n").map(String.init))

    private static let text = """
        absent connect: asked /
        absent connectAuth: asked / {"token":"t"}
        absent connectOther: asked /call
        absent connectUnknown: send 44/call?a=b,{"message":"Invalid namespace"}
        absent connectArray: close(parse error)
        absent connectNull: close(parse error)
        absent connectUnreadable: send 44{"data":{"code":"unreadable"},"message":"A name stands twice in one JSON object."}
        absent disconnect: close(forced server close)
        absent disconnectOther: close(forced server close)
        absent disconnectPayload: close(parse error)
        absent event: close(forced server close)
        absent eventAsking: close(forced server close)
        absent eventBare: close(forced server close)
        absent eventReserved: close(parse error)
        absent eventUnreadable: close(forced server close)
        absent eventOther: close(forced server close)
        absent binaryEvent: close(forced server close)
        absent binaryNone: close(forced server close)
        absent binaryUnused: close(parse error)
        absent acknowledgement: close(forced server close)
        absent acknowledgementUnknown: close(forced server close)
        absent acknowledgementObject: close(parse error)
        absent connectError: close(forced server close)
        absent garbage: close(parse error)
        absent empty: close(parse error)
        absent brokenJSON: close(parse error)
        absent attachment: close(parse error)
        absent attachments: close(parse error)
        absent accept: no
        absent refuse: no
        absent emit: no
        absent emitAsking: no
        absent answer: no
        absent answerTwice: no, no
        absent dismiss: no
        absent dismissOther: no
        absent close: close(server shutting down)
        absent engineClosed: -
        absent late: -
        absent veryLate: close(forced server close)

        asked connect: -
        asked connectAuth: -
        asked connectOther: asked /call
        asked connectUnknown: send 44/call?a=b,{"message":"Invalid namespace"}
        asked connectArray: close(parse error)
        asked connectNull: close(parse error)
        asked connectUnreadable: -
        asked disconnect: close(forced server close)
        asked disconnectOther: close(forced server close)
        asked disconnectPayload: close(parse error)
        asked event: close(forced server close)
        asked eventAsking: close(forced server close)
        asked eventBare: close(forced server close)
        asked eventReserved: close(parse error)
        asked eventUnreadable: close(forced server close)
        asked eventOther: close(forced server close)
        asked binaryEvent: close(forced server close)
        asked binaryNone: close(forced server close)
        asked binaryUnused: close(parse error)
        asked acknowledgement: close(forced server close)
        asked acknowledgementUnknown: close(forced server close)
        asked acknowledgementObject: close(parse error)
        asked connectError: close(forced server close)
        asked garbage: close(parse error)
        asked empty: close(parse error)
        asked brokenJSON: close(parse error)
        asked attachment: close(parse error)
        asked attachments: close(parse error)
        asked accept: send 40{"sid":"s1"}
        asked refuse: send 44{"data":{"code":"unauthorized"},"message":"not you"}
        asked emit: no
        asked emitAsking: no
        asked answer: no
        asked answerTwice: no, no
        asked dismiss: no
        asked dismissOther: no
        asked close: close(server shutting down)
        asked engineClosed: -
        asked late: -
        asked veryLate: close(forced server close)

        joined connect: send 40{"sid":"s1"}
        joined connectAuth: send 40{"sid":"s1"}
        joined connectOther: asked /call
        joined connectUnknown: send 44/call?a=b,{"message":"Invalid namespace"}
        joined connectArray: left / (parse error), close(parse error)
        joined connectNull: left / (parse error), close(parse error)
        joined connectUnreadable: send 40{"sid":"s1"}
        joined disconnect: left / (client namespace disconnect)
        joined disconnectOther: left / (forced server close), close(forced server close)
        joined disconnectPayload: left / (parse error), close(parse error)
        joined event: event / hi [1]
        joined eventAsking: event / hi [] ack 8
        joined eventBare: -
        joined eventReserved: left / (parse error), close(parse error)
        joined eventUnreadable: unreadable / /1 ack 9
        joined eventOther: left / (forced server close), close(forced server close)
        joined binaryEvent: -
        joined binaryNone: event / b []
        joined binaryUnused: left / (parse error), close(parse error)
        joined acknowledgement: -
        joined acknowledgementUnknown: -
        joined acknowledgementObject: left / (parse error), close(parse error)
        joined connectError: left / (forced server close), close(forced server close)
        joined garbage: left / (parse error), close(parse error)
        joined empty: left / (parse error), close(parse error)
        joined brokenJSON: left / (parse error), close(parse error)
        joined attachment: left / (parse error), close(parse error)
        joined attachments: left / (parse error), close(parse error)
        joined accept: no
        joined refuse: no
        joined emit: send 42["ring",{"id":5}]
        joined emitAsking: send 420["ring"]
        joined answer: no
        joined answerTwice: no, no
        joined dismiss: send 41, left / (server namespace disconnect)
        joined dismissOther: no
        joined close: left / (server shutting down), close(server shutting down)
        joined engineClosed: left / (ping timeout)
        joined late: -
        joined veryLate: -

        owing connect: send 40{"sid":"s1"}
        owing connectAuth: send 40{"sid":"s1"}
        owing connectOther: asked /call
        owing connectUnknown: send 44/call?a=b,{"message":"Invalid namespace"}
        owing connectArray: left / (parse error), close(parse error)
        owing connectNull: left / (parse error), close(parse error)
        owing connectUnreadable: send 40{"sid":"s1"}
        owing disconnect: left / (client namespace disconnect)
        owing disconnectOther: left / (forced server close), close(forced server close)
        owing disconnectPayload: left / (parse error), close(parse error)
        owing event: event / hi [1]
        owing eventAsking: event / hi [] ack 8
        owing eventBare: -
        owing eventReserved: left / (parse error), close(parse error)
        owing eventUnreadable: unreadable / /1 ack 9
        owing eventOther: left / (forced server close), close(forced server close)
        owing binaryEvent: -
        owing binaryNone: event / b []
        owing binaryUnused: left / (parse error), close(parse error)
        owing acknowledgement: -
        owing acknowledgementUnknown: -
        owing acknowledgementObject: left / (parse error), close(parse error)
        owing connectError: left / (forced server close), close(forced server close)
        owing garbage: left / (parse error), close(parse error)
        owing empty: left / (parse error), close(parse error)
        owing brokenJSON: left / (parse error), close(parse error)
        owing attachment: left / (parse error), close(parse error)
        owing attachments: left / (parse error), close(parse error)
        owing accept: no
        owing refuse: no
        owing emit: send 42["ring",{"id":5}]
        owing emitAsking: send 420["ring"]
        owing answer: send 437[true]
        owing answerTwice: send 437[true], no
        owing dismiss: send 41, left / (server namespace disconnect)
        owing dismissOther: no
        owing close: left / (server shutting down), close(server shutting down)
        owing engineClosed: left / (ping timeout)
        owing late: -
        owing veryLate: -

        awaiting connect: send 40{"sid":"s1"}
        awaiting connectAuth: send 40{"sid":"s1"}
        awaiting connectOther: asked /call
        awaiting connectUnknown: send 44/call?a=b,{"message":"Invalid namespace"}
        awaiting connectArray: unacknowledged 99, left / (parse error), close(parse error)
        awaiting connectNull: unacknowledged 99, left / (parse error), close(parse error)
        awaiting connectUnreadable: send 40{"sid":"s1"}
        awaiting disconnect: unacknowledged 99, left / (client namespace disconnect)
        awaiting disconnectOther: unacknowledged 99, left / (forced server close), close(forced server close)
        awaiting disconnectPayload: unacknowledged 99, left / (parse error), close(parse error)
        awaiting event: event / hi [1]
        awaiting eventAsking: event / hi [] ack 8
        awaiting eventBare: -
        awaiting eventReserved: unacknowledged 99, left / (parse error), close(parse error)
        awaiting eventUnreadable: unreadable / /1 ack 9
        awaiting eventOther: unacknowledged 99, left / (forced server close), close(forced server close)
        awaiting binaryEvent: -
        awaiting binaryNone: event / b []
        awaiting binaryUnused: unacknowledged 99, left / (parse error), close(parse error)
        awaiting acknowledgement: acknowledged 99 ["yes"]
        awaiting acknowledgementUnknown: -
        awaiting acknowledgementObject: unacknowledged 99, left / (parse error), close(parse error)
        awaiting connectError: unacknowledged 99, left / (forced server close), close(forced server close)
        awaiting garbage: unacknowledged 99, left / (parse error), close(parse error)
        awaiting empty: unacknowledged 99, left / (parse error), close(parse error)
        awaiting brokenJSON: unacknowledged 99, left / (parse error), close(parse error)
        awaiting attachment: unacknowledged 99, left / (parse error), close(parse error)
        awaiting attachments: unacknowledged 99, left / (parse error), close(parse error)
        awaiting accept: no
        awaiting refuse: no
        awaiting emit: send 42["ring",{"id":5}]
        awaiting emitAsking: send 421["ring"]
        awaiting answer: no
        awaiting answerTwice: no, no
        awaiting dismiss: send 41, unacknowledged 99, left / (server namespace disconnect)
        awaiting dismissOther: no
        awaiting close: unacknowledged 99, left / (server shutting down), close(server shutting down)
        awaiting engineClosed: unacknowledged 99, left / (ping timeout)
        awaiting late: unacknowledged 99
        awaiting veryLate: unacknowledged 99

        assembling connect: left / (parse error), close(parse error)
        assembling connectAuth: left / (parse error), close(parse error)
        assembling connectOther: left / (parse error), close(parse error)
        assembling connectUnknown: left / (parse error), close(parse error)
        assembling connectArray: left / (parse error), close(parse error)
        assembling connectNull: left / (parse error), close(parse error)
        assembling connectUnreadable: left / (parse error), close(parse error)
        assembling disconnect: left / (parse error), close(parse error)
        assembling disconnectOther: left / (parse error), close(parse error)
        assembling disconnectPayload: left / (parse error), close(parse error)
        assembling event: left / (parse error), close(parse error)
        assembling eventAsking: left / (parse error), close(parse error)
        assembling eventBare: left / (parse error), close(parse error)
        assembling eventReserved: left / (parse error), close(parse error)
        assembling eventUnreadable: left / (parse error), close(parse error)
        assembling eventOther: left / (parse error), close(parse error)
        assembling binaryEvent: left / (parse error), close(parse error)
        assembling binaryNone: left / (parse error), close(parse error)
        assembling binaryUnused: left / (parse error), close(parse error)
        assembling acknowledgement: left / (parse error), close(parse error)
        assembling acknowledgementUnknown: left / (parse error), close(parse error)
        assembling acknowledgementObject: left / (parse error), close(parse error)
        assembling connectError: left / (parse error), close(parse error)
        assembling garbage: left / (parse error), close(parse error)
        assembling empty: left / (parse error), close(parse error)
        assembling brokenJSON: left / (parse error), close(parse error)
        assembling attachment: -
        assembling attachments: event / b [{"_placeholder":true,"num":1},{"_placeholder":true,"num":0}] #01 #02
        assembling accept: no
        assembling refuse: no
        assembling emit: send 42["ring",{"id":5}]
        assembling emitAsking: send 420["ring"]
        assembling answer: no
        assembling answerTwice: no, no
        assembling dismiss: send 41, left / (server namespace disconnect)
        assembling dismissOther: no
        assembling close: left / (server shutting down), close(server shutting down)
        assembling engineClosed: left / (ping timeout)
        assembling late: -
        assembling veryLate: left / (parse error), close(parse error)

        dismissed connect: asked /
        dismissed connectAuth: asked / {"token":"t"}
        dismissed connectOther: asked /call
        dismissed connectUnknown: send 44/call?a=b,{"message":"Invalid namespace"}
        dismissed connectArray: close(parse error)
        dismissed connectNull: close(parse error)
        dismissed connectUnreadable: send 44{"data":{"code":"unreadable"},"message":"A name stands twice in one JSON object."}
        dismissed disconnect: -
        dismissed disconnectOther: close(forced server close)
        dismissed disconnectPayload: close(parse error)
        dismissed event: -
        dismissed eventAsking: -
        dismissed eventBare: -
        dismissed eventReserved: close(parse error)
        dismissed eventUnreadable: -
        dismissed eventOther: close(forced server close)
        dismissed binaryEvent: -
        dismissed binaryNone: -
        dismissed binaryUnused: close(parse error)
        dismissed acknowledgement: -
        dismissed acknowledgementUnknown: -
        dismissed acknowledgementObject: close(parse error)
        dismissed connectError: close(forced server close)
        dismissed garbage: close(parse error)
        dismissed empty: close(parse error)
        dismissed brokenJSON: close(parse error)
        dismissed attachment: close(parse error)
        dismissed attachments: close(parse error)
        dismissed accept: no
        dismissed refuse: no
        dismissed emit: no
        dismissed emitAsking: no
        dismissed answer: no
        dismissed answerTwice: no, no
        dismissed dismiss: no
        dismissed dismissOther: no
        dismissed close: close(server shutting down)
        dismissed engineClosed: -
        dismissed late: -
        dismissed veryLate: close(forced server close)

        both connect: send 40{"sid":"s1"}
        both connectAuth: send 40{"sid":"s1"}
        both connectOther: send 40/call,{"sid":"s2"}
        both connectUnknown: send 44/call?a=b,{"message":"Invalid namespace"}
        both connectArray: left / (parse error), left /call (parse error), close(parse error)
        both connectNull: left / (parse error), left /call (parse error), close(parse error)
        both connectUnreadable: send 40{"sid":"s1"}
        both disconnect: left / (client namespace disconnect)
        both disconnectOther: left /call (client namespace disconnect)
        both disconnectPayload: left / (parse error), left /call (parse error), close(parse error)
        both event: event / hi [1]
        both eventAsking: event / hi [] ack 8
        both eventBare: -
        both eventReserved: left / (parse error), left /call (parse error), close(parse error)
        both eventUnreadable: unreadable / /1 ack 9
        both eventOther: event /call hi []
        both binaryEvent: -
        both binaryNone: event / b []
        both binaryUnused: left / (parse error), left /call (parse error), close(parse error)
        both acknowledgement: -
        both acknowledgementUnknown: -
        both acknowledgementObject: left / (parse error), left /call (parse error), close(parse error)
        both connectError: left / (forced server close), left /call (forced server close), close(forced server close)
        both garbage: left / (parse error), left /call (parse error), close(parse error)
        both empty: left / (parse error), left /call (parse error), close(parse error)
        both brokenJSON: left / (parse error), left /call (parse error), close(parse error)
        both attachment: left / (parse error), left /call (parse error), close(parse error)
        both attachments: left / (parse error), left /call (parse error), close(parse error)
        both accept: no
        both refuse: no
        both emit: send 42["ring",{"id":5}]
        both emitAsking: send 420["ring"]
        both answer: no
        both answerTwice: no, no
        both dismiss: send 41, left / (server namespace disconnect)
        both dismissOther: send 41/call,, left /call (server namespace disconnect)
        both close: left / (server shutting down), left /call (server shutting down), close(server shutting down)
        both engineClosed: left / (ping timeout), left /call (ping timeout)
        both late: -
        both veryLate: -

        closed connect: -
        closed connectAuth: -
        closed connectOther: -
        closed connectUnknown: -
        closed connectArray: -
        closed connectNull: -
        closed connectUnreadable: -
        closed disconnect: -
        closed disconnectOther: -
        closed disconnectPayload: -
        closed event: -
        closed eventAsking: -
        closed eventBare: -
        closed eventReserved: -
        closed eventUnreadable: -
        closed eventOther: -
        closed binaryEvent: -
        closed binaryNone: -
        closed binaryUnused: -
        closed acknowledgement: -
        closed acknowledgementUnknown: -
        closed acknowledgementObject: -
        closed connectError: -
        closed garbage: -
        closed empty: -
        closed brokenJSON: -
        closed attachment: -
        closed attachments: -
        closed accept: no
        closed refuse: no
        closed emit: no
        closed emitAsking: no
        closed answer: no
        closed answerTwice: no, no
        closed dismiss: no
        closed dismissOther: no
        closed close: -
        closed engineClosed: -
        closed late: -
        closed veryLate: -
        """
}
