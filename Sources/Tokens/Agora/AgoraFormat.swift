/// What an Agora-like text is, told from its shape alone. Nothing is decoded and nothing verified.
///
/// Agora numbers its formats. 006 (AccessToken) and 007 (AccessToken2) live; 001 to 005, the Dynamic Keys, are dead and are named so that
/// somebody who still makes them learns it. Shapes of 001 to 004: signature (40 hexadecimal digits), app id (32), time (10 decimal
/// digits), random number (8 hexadecimal digits), then by format uid and expiry (10 decimal digits each); 003 and 004 begin with their
/// number, 001 and 002 do not. 005 is its number and base64.
public enum AgoraFormat: Sendable, Hashable {
    /// 007, the format of today.
    case accessToken2
    /// 006, the format before.
    case accessToken
    case dynamicKey
    case dynamicKey2
    case dynamicKey3
    case dynamicKey4
    case dynamicKey5
    /// Three digits that are no format of Agora's, and more.
    case unknownVersion(String)
    /// 32 hexadecimal digits: an app id, or a certificate.
    case appID
    /// Three parts joined by dots: a JWT, as other vendors use.
    case jsonWebToken
    /// None of these.
    case unrecognised

    /// Tells what the text is.
    public static func recognise(_ text: String) -> AgoraFormat {
        let bytes = Array(text.utf8)
        if AgoraCredentials.isHexadecimal(bytes) { return .appID }
        if let key = dynamicKey(bytes) { return key }
        if bytes.count(where: { $0 == UInt8(ascii: ".") }) == 2, bytes.starts(with: "ey".utf8) { return .jsonWebToken }
        let number = bytes.prefix(3)
        guard number.count == 3, number.allSatisfy(isDecimal) else { return .unrecognised }
        switch String(decoding: number, as: UTF8.self) {
        case "007": return .accessToken2
        case "006": return .accessToken
        case "005": return .dynamicKey5
        case "004": return .dynamicKey4
        case "003": return .dynamicKey3
        case let other: return .unknownVersion(other)
        }
    }

    /// The formats 001 to 004 by their exact shape.
    private static func dynamicKey(_ bytes: [UInt8]) -> AgoraFormat? {
        switch bytes.count {
        case 90 where hasShape(bytes[...], decimals: 0): .dynamicKey
        case 110 where hasShape(bytes[...], decimals: 20): .dynamicKey2
        case 113 where bytes.starts(with: "003".utf8) && hasShape(bytes.dropFirst(3), decimals: 20): .dynamicKey3
        case 103 where bytes.starts(with: "004".utf8) && hasShape(bytes.dropFirst(3), decimals: 10): .dynamicKey4
        default: nil
        }
    }

    private static func hasShape(_ bytes: ArraySlice<UInt8>, decimals: Int) -> Bool {
        let start = bytes.startIndex
        let isMadeOfHexadecimals = bytes.allSatisfy { isDecimal($0) || (0x61...0x66).contains($0 | 0x20) }
        let time = bytes[(start + 72)..<(start + 82)]
        return isMadeOfHexadecimals && time.allSatisfy(isDecimal) && bytes.suffix(decimals).allSatisfy(isDecimal)
    }

    private static func isDecimal(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    /// What it is, in plain words.
    public var message: String {
        switch self {
        case .accessToken2: "This is an Agora token, version 007 (AccessToken2)."
        case .accessToken: "This is an Agora token, version 006 (AccessToken)."
        case .dynamicKey: Self.dead("001 (Dynamic Key)")
        case .dynamicKey2: Self.dead("002 (Dynamic Key 2)")
        case .dynamicKey3: Self.dead("003 (Dynamic Key 3)")
        case .dynamicKey4: Self.dead("004 (Dynamic Key 4)")
        case .dynamicKey5: Self.dead("005 (Dynamic Key 5)")
        case .unknownVersion(let number):
            "This begins like an Agora token of version \(number), which does not exist. Living are 006 and 007."
        case .appID: "This is an Agora app id or certificate, not a token. Passed as a token it gives \"dynamic use static key\"."
        case .jsonWebToken: "This is a JSON Web Token. Agora's join tokens are none."
        case .unrecognised: "This is no Agora token: those begin with 006 or 007."
        }
    }

    private static func dead(_ name: String) -> String {
        "This is an Agora key of version \(name). Agora retired it; tokens of today are version 007."
    }
}
