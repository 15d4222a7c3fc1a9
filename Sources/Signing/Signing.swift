// Signing: everything that OpenSSL does for this service, and nothing else.
//
// Digests and HMAC, constant-time comparison, random numbers, strict base64, and JWS: sign and verify compact tokens with keys that were
// parsed once and kept. The algorithm is the key's, never the token's. OpenSSL 3's EVP interface only: no deprecated call compiles here.
// The room reads no clock and no file; claims (exp, aud, ...) are the callers' business. `SecureRandom` is the one source of randomness
// of the whole service; the other rooms get their random numbers as arguments.
//
// Start reading at `JWSKey.swift`; `HMACKey.swift` is the hot path under every token that is minted.
