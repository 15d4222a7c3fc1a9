import COpenSSL

/// What an RSA, EC or Ed25519 key must be before it may sign or verify anything, wherever it came from.
enum KeyChecks {
    /// The algorithm that the kind of key fixes. Throws `keyUnsuitable` for a kind that this service does not use and `keyMalformed` for
    /// a key that is weak or wrong.
    static func algorithm(of key: OpaquePointer, isPrivate: Bool) throws(SigningError) -> JWSAlgorithm {
        let algorithm: JWSAlgorithm
        if EVP_PKEY_is_a(key, "RSA") == 1 {
            try checkRSA(key)
            algorithm = .RS256
        } else if EVP_PKEY_is_a(key, "EC") == 1 {
            guard curve(of: key) == "prime256v1" else { throw .keyUnsuitable("the curve is not P-256") }
            algorithm = .ES256
        } else if EVP_PKEY_is_a(key, "ED25519") == 1 {
            algorithm = .EdDSA
        } else {
            throw .keyUnsuitable("neither RSA, P-256 nor Ed25519")
        }
        try checkNumbers(key, isPrivate: isPrivate)
        return algorithm
    }

    /// OpenSSL's own look at the numbers: a point on the curve and in its group, a modulus that is odd, composite and without small
    /// factors, and for a private key that both halves belong together.
    private static func checkNumbers(_ key: OpaquePointer, isPrivate: Bool) throws(SigningError) {
        guard let context = EVP_PKEY_CTX_new_from_pkey(nil, key, nil) else { throw .internal("it has no memory for a check") }
        defer { EVP_PKEY_CTX_free(context) }
        guard EVP_PKEY_public_check(context) == 1 else { throw .keyMalformed("its public numbers are wrong") }
        guard !isPrivate || EVP_PKEY_pairwise_check(context) == 1 else { throw .keyMalformed("its two halves do not belong together") }
    }

    private static func checkRSA(_ key: OpaquePointer) throws(SigningError) {
        let bits = Int(EVP_PKEY_get_bits(key))
        guard JWSLimits.rsaBits.contains(bits) else {
            throw .keyMalformed("an RSA key has \(JWSLimits.rsaBits.lowerBound) to \(JWSLimits.rsaBits.upperBound) bits")
        }
        guard let exponent = number(OSSL_PKEY_PARAM_RSA_E, of: key), let modulus = number(OSSL_PKEY_PARAM_RSA_N, of: key) else {
            throw .keyMalformed("an RSA key has a modulus and an exponent")
        }
        // FIPS 186-5 section 5.4: odd and over 2^16. The upper bound is ours: a long exponent makes every verification slow.
        let value = exponent.count <= 8 ? exponent.reduce(UInt64(0)) { $0 << 8 | UInt64($1) } : 0
        guard value >= 65537, value % 2 == 1 else { throw .keyMalformed("an RSA exponent is odd, at least 65537 and under 2^64") }
        guard !isROCA(modulus) else { throw .keyMalformed("the RSA modulus is of the ROCA kind and can be factored") }
    }

    /// Whether a modulus looks like one of Infineon's RSALib (CVE-2017-15361): its primes have the form k * M + (65537^a mod M) with M a
    /// product of small primes, so modulo each of these the modulus is a power of 65537. For the primes listed here few numbers are:
    /// an honest modulus passes for one by chance less than once in a hundred million.
    static func isROCA(_ modulus: [UInt8]) -> Bool {
        let primes = [11, 13, 17, 19, 37, 53, 61, 71, 73, 79, 97, 103, 107, 109, 127, 151, 157]
        return primes.allSatisfy { prime in
            let remainder = modulus.reduce(0) { ($0 << 8 | Int($1)) % prime }
            var power = 1
            repeat {
                if power == remainder { return true }
                power = power * 65537 % prime
            } while power != 1
            return false
        }
    }

    /// A number of the key, big-endian without leading zeros.
    private static func number(_ name: String, of key: OpaquePointer) -> [UInt8]? {
        var number: OpaquePointer?
        guard EVP_PKEY_get_bn_param(key, name, &number) == 1, let number else { return nil }
        defer { BN_free(number) }
        var bytes = [UInt8](repeating: 0, count: (Int(BN_num_bits(number)) + 7) / 8)
        let count = BN_bn2bin(number, &bytes)
        return Int(count) == bytes.count ? bytes : nil
    }

    private static func curve(of key: OpaquePointer) -> String? {
        var name = [CChar](repeating: 0, count: 64)
        var count = 0
        guard EVP_PKEY_get_group_name(key, &name, name.count, &count) == 1 else { return nil }
        return String(decoding: name.prefix(count).map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
