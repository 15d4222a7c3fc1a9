import StrictJSON
import Vocabulary

@testable import Signing

/// An identity provider's key: signs whatever it is given, also what no provider would sign.
struct TokenSigner: Sendable {
    let algorithm: String
    let keyID: String?
    /// The public half, as a key set has it; null for a secret.
    let jwk: JSONValue
    let signature: @Sendable ([UInt8]) throws -> [UInt8]

    /// A token with these claims, and a header that says how it was signed.
    func token(_ claims: JSONObject = claims(), type: String? = "JWT") throws -> String {
        var header: JSONObject = ["alg": .string(algorithm)]
        if let keyID { header["kid"] = .string(keyID) }
        if let type { header["typ"] = .string(type) }
        return try token(header: JSONValue.object(header).canonicalText, payload: JSONValue.object(claims).canonicalText)
    }

    /// A token of exactly these two texts, signed properly: only they can be a reason to refuse it.
    func token(header: String, payload: String? = nil) throws -> String {
        let payload = payload ?? JSONValue.object(claims()).canonicalText
        let input = Base64URL.encode(Array(header.utf8)) + "." + Base64URL.encode(Array(payload.utf8))
        return input + "." + Base64URL.encode(try signature(Array(input.utf8)))
    }

    static func secret(_ secret: [UInt8]) -> TokenSigner {
        let key = HMACKey(.sha256, key: secret)
        return TokenSigner(algorithm: "HS256", keyID: nil, jwk: .null) { key.authenticationCode(for: $0) }
    }

    /// With the secret of the tenants in these tests.
    static let secret = secret(Array(UserTokenHouse.secret.utf8))

    /// RFC 7515 appendix A.2.
    static func rsa(_ keyID: String? = "rsa-1") throws -> TokenSigner {
        try pair(
            "RS256", keyID, ["kty": "RSA", "e": "AQAB", "n": .string(PublishedKeys.rsaModulus)], pem: PublishedKeys.rsaPrivatePEM)
    }

    /// RFC 7515 appendix A.3.
    static func p256(_ keyID: String? = "ec-1") throws -> TokenSigner {
        try pair(
            "ES256", keyID,
            [
                "kty": "EC", "crv": "P-256", "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
                "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
            ],
            // PKCS #8 around the 32 bytes (RFC 5915, without the optional point).
            pem: PublishedKeys.pem(
                "PRIVATE KEY", "MEECAQAwEwYHKoZIzj0CAQYIKoZIzj0DAQcEJzAlAgEBBCCOmxCecZCYv5gEh98fXXfpyylgbr7SJjtfV8IT34T0sg=="))
    }

    /// RFC 8037 appendix A (the key of test 1 of RFC 8032) and tests 2 and 3 of RFC 8032 section 7.1.
    static func ed25519(_ number: Int = 1, _ keyID: String? = "ed-1") throws -> TokenSigner {
        let (privateHalf, publicHalf) = PublishedKeys.ed25519[number - 1]
        // PKCS #8 around the 32 bytes (RFC 8410).
        let prefix: [UInt8] = [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20]
        return try pair(
            "EdDSA", keyID, ["kty": "OKP", "crv": "Ed25519", "x": .string(publicHalf)],
            pem: PublishedKeys.pem("PRIVATE KEY", Base64.encode(prefix + Base64URL.decode(privateHalf))))
    }

    private static func pair(_ algorithm: String, _ keyID: String?, _ jwk: JSONObject, pem: String) throws -> TokenSigner {
        var jwk = jwk
        if let keyID { jwk["kid"] = .string(keyID) }
        let key = try AsymmetricKey(privatePEM: Secret(utf8: pem))
        return TokenSigner(algorithm: algorithm, keyID: keyID, jwk: .object(jwk)) { try key.sign($0) }
    }
}

/// Keys from the examples of RFCs. Everybody has the private halves.
enum PublishedKeys {
    static let ed25519 = [
        ("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A", "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"),
        ("TM0Imyj_ltqdtsNG7BFOD1uKMZ81q6Yk2oz27U-4pvs", "PUAXw-hDiVqStwqnTRt-vJyYLM8uxJaMwM1V8Sr0Zgw"),
        ("xaqN9D-fg3vtt0QvMdy3sWbThTUHbwlLhc46LgtEWPc", "_FHNjmIYoaONpH7QAjDwWAgW7RO6MwOsXeuRFUiQgCU"),
    ]
    static let rsaModulus =
        "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-"
        + "pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-"
        + "UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-"
        + "DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ"
    /// The base64 of the DER of the public half.
    static let rsaPublicBase64 =
        "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd/wWJcyQoTbji9k0l8W26mPddxHmfHQp+V"
        + "aw+4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL+yRT+SFd2lZS+pCgNMsD1W/YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb/7OMg0LOL+bSf63kpaSHSX"
        + "ndS5z5rexMdbBYUsLA9e+KXBdQOS+UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6/I5IhlJH7aGhyxXFvUK+DWNmo"
        + "udF8NAco9/h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQIDAQAB"
    static let rsaPrivatePEM = pem(
        "RSA PRIVATE KEY",
        "MIIEowIBAAKCAQEAofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd/wWJcyQoTbji9k0l8W26mPddxHmfHQp+Vaw+4qPCJrcS2mJPMEzP1Pt0Bm4d4"
            + "QlL+yRT+SFd2lZS+pCgNMsD1W/YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb/7OMg0LOL+bSf63kpaSHSXndS5z5rexMdbBYUsLA9e+KXBdQOS"
            + "+UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6/I5IhlJH7aGhyxXFvUK+DWNmoudF8NAco9/h9iaGNj8q2ethFkMLs"
            + "91kzk2PAcDTW9gb54h4FRWyuXpoQIDAQABAoIBABKucaRpzQorw35SbEUAVx8dYXUdZOlJcHtiWQ+dC6V8ljxAHj/PLyzTveyI5QO/xkObCyjI"
            + "L303l2cfUhPu2MFaJdjVzqACXuOrLot/eSFvxjvqVidTtAZExqFRJ9mylUVAoLvhowVWmC1On95fZCXxTUtxNEG1Xcc7m0rtzJKs45J+N/V9DP"
            + "1edYH6USyPSWGp6wuA+KgHRnKKVf9GRx80JQY7nVNkL17eHoTWEwga+lwi0FEoW9Y7lDtWXYmKBWhUE+U8PGxlJf8f40493HDw1WRQ/aSLoS4Q"
            + "Tp3rn7gYgeHEvfJdkkf0UMhlknlo53M09EFPdadQ4TlUbjqKc50CgYEA4BzEEOtIpmVdVEZNCqS7baC4crd0pqnRH/5IB3jw3bcxGn6QLvnEtf"
            + "dUdiYrqBdss1l58BQ3KhooKeQTa9AB0Hw/Py5PJdTJNPY8cQn7ouZ2KKDcmnPGBY5t7yLc1QlQ5xHdwW1VhvKn+nXqhJTBgIPgtldC+KDV5z+y"
            + "2XDwGUcCgYEAuQPEfgmVtjL0Uyyx88GZFF1fOunH3+7cepKmtH4pxhtCoHqpWmT8YAmZxaewHgHAjLYsp1ZSe7zFYHj7C6ul7TjeLQeZD/YwD6"
            + "6t62wDmpe/HlB+TnBA+njbglfIsRLtXlnDzQkv5dTltRJ11BKBBypeeF6689rjcJIDEz9RWdcCgYAHAp9XcCSrn8wVkMVkKdb7DOX4IKjzdahm"
            + "+ctDAJN4O/y7OW5FKebvUjdAIt2GuoTZ71iTG+7F0F+lP88jtjP4U4qe7VHoewl4MKOfXZKTe+YCS1XbNvfgwJ3Ltyl1OH9hWvu2yza7q+d5PC"
            + "sDzqtm27kxuvULVeya+TEdAB1ijQKBgQCH/3r6YrVH/uCWGy6bzV1nGNOdjKc9tmkfOJmN54dxdixdpozCQ6U4OxZrsj3FcOhHBsqAHvX2uuYj"
            + "agqvo3cOj1TRqNocX40omfCCMx3bD1yPPf/6TI2XECva/ggqEY2mYzmIiA5LVVmc5nrybr+lssFKneeyxN2Wq93S0iJMdQKBgCGHewxzoa1r8Z"
            + "MD0LETNrToK423K377UCYqXfg5XMclbrjPbEC3YI1ZNqMtuhdBJqUnBi6tjKMF+34Xf0CUN8ncuXGO2CAYvO8PdyCixHX52ybaDjy1FtCE6yUX"
            + "joKNXKvUm7MWGsAYH6f4IegOetN5NvmUMFStCSkh7ixZLkN1")

    static func pem(_ label: String, _ base64: String) -> String {
        "-----BEGIN \(label)-----\n\(base64)\n-----END \(label)-----\n"
    }
}
