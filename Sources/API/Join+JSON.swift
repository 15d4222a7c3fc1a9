import StrictJSON
import Switchboard

extension Join {
    /// The join token alone, just made.
    var response: APIResponse {
        var json = JSONWriter(capacity: 2048)
        write(into: &json)
        return APIResponse(status: 201, contentType: "application/json", headers: [APIResponse.noStore], body: json.takeBytes())
    }
}
