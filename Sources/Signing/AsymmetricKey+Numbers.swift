import COpenSSL

extension AsymmetricKey {
    /// An RSA public key from its modulus and exponent, big-endian.
    static func rsa(modulus: [UInt8], exponent: [UInt8]) throws(SigningError) -> AsymmetricKey {
        let n = BN_bin2bn(modulus, Int32(modulus.count), nil)
        let e = BN_bin2bn(exponent, Int32(exponent.count), nil)
        defer {
            BN_free(n)
            BN_free(e)
        }
        let key = build("RSA") { parameters in
            OSSL_PARAM_BLD_push_BN(parameters, callgate_name_rsa_n(), n) == 1
                && OSSL_PARAM_BLD_push_BN(parameters, callgate_name_rsa_e(), e) == 1
        }
        return try AsymmetricKey(adopting: key, isPrivate: false, malformed: "n and e are not an RSA key")
    }

    /// A P-256 public key from its point. OpenSSL refuses a point that is not on the curve.
    static func p256(x: [UInt8], y: [UInt8]) throws(SigningError) -> AsymmetricKey {
        let point = [0x04] + x + y
        let key = point.withUnsafeBytes { point in
            build("EC") { parameters in
                OSSL_PARAM_BLD_push_utf8_string(parameters, callgate_name_group(), callgate_name_p256(), 0) == 1
                    && OSSL_PARAM_BLD_push_octet_string(parameters, callgate_name_public_key(), point.baseAddress, point.count) == 1
            }
        }
        return try AsymmetricKey(adopting: key, isPrivate: false, malformed: "x and y are not a point on P-256")
    }

    /// An Ed25519 public key from its 32 bytes.
    static func ed25519(_ bytes: [UInt8]) throws(SigningError) -> AsymmetricKey {
        let key = EVP_PKEY_new_raw_public_key_ex(nil, "ED25519", nil, bytes, bytes.count)
        return try AsymmetricKey(adopting: key, isPrivate: false, malformed: "x is not an Ed25519 key")
    }

    /// A public key from parameters that `push` names; they are borrowed until this returns.
    private static func build(_ kind: String, _ push: (OpaquePointer) -> Bool) -> OpaquePointer? {
        guard let context = EVP_PKEY_CTX_new_from_name(nil, kind, nil) else { return nil }
        defer { EVP_PKEY_CTX_free(context) }
        guard let builder = OSSL_PARAM_BLD_new() else { return nil }
        defer { OSSL_PARAM_BLD_free(builder) }
        guard push(builder), let parameters = OSSL_PARAM_BLD_to_param(builder) else { return nil }
        defer { OSSL_PARAM_free(parameters) }
        var key: OpaquePointer?
        guard EVP_PKEY_fromdata_init(context) == 1, EVP_PKEY_fromdata(context, &key, callgate_public_key_selection, parameters) == 1 else {
            // A failure may still have made the object.
            EVP_PKEY_free(key)
            return nil
        }
        return key
    }
}
