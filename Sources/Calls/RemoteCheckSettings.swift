public import Vocabulary

/// How users are known whose credential only the tenant's own app can read, an opaque one: the app is asked whose it is.
public struct RemoteCheckSettings: Sendable, Equatable {
    /// Where in the app's answer stands who it is: JSON pointers (RFC 6901), each 1 to 128 bytes.
    public struct Fields: Sendable, Equatable {
        public let user: String
        public let name: String?
        public let roles: String?

        public init(user: String = "/id", name: String? = nil, roles: String? = nil) {
            self.user = user
            self.name = name
            self.roles = roles
        }
    }

    /// What is asked, the app's `GET .../users/me`.
    public let address: WebAddress
    /// What goes with every question as `X-Internal-Secret`, by which the app knows the service.
    public let secret: SecretReference
    public let fields: Fields
    /// How long after its answer the app is asked again about a user who stays connected, 30 seconds to an hour.
    public let recheckSeconds: Int

    public init(address: WebAddress, secret: SecretReference, fields: Fields = Fields(), recheckSeconds: Int) {
        self.address = address
        self.secret = secret
        self.fields = fields
        self.recheckSeconds = recheckSeconds
    }
}
