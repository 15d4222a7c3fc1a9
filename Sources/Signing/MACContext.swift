import COpenSSL

/// Owns one `EVP_MAC_CTX` for HMAC with a fixed digest. Not copyable, so the context is freed exactly once, and not shared:
/// whoever owns this decides which lock or thread guards it.
///
/// `@unchecked Sendable` is true because this is the only pointer to the context, every use of it is `mutating` and so exclusive, and
/// OpenSSL ties no context to a thread. It keeps no pointer of a caller.
struct MACContext: ~Copyable, @unchecked Sendable {
    private let context: OpaquePointer
    let byteCount: Int

    init(_ algorithm: DigestAlgorithm) {
        guard let context = EVP_MAC_CTX_new(Fetched.hmac.pointer) else { fatalError("OpenSSL has no memory for a MAC context") }
        self.context = context
        byteCount = algorithm.byteCount
        var name = Array(algorithm.name.utf8CString)
        let done = name.withUnsafeMutableBufferPointer { name in
            var parameters = [
                OSSL_PARAM_construct_utf8_string(callgate_name_digest(), name.baseAddress, 0), OSSL_PARAM_construct_end(),
            ]
            return EVP_MAC_CTX_set_params(context, &parameters)
        }
        precondition(done == 1, "OpenSSL did not take the digest of an HMAC")
    }

    deinit {
        EVP_MAC_CTX_free(context)
    }

    /// Takes a key of any length, also an empty one. OpenSSL copies it and wipes its copy with the context.
    mutating func rekey(_ key: UnsafeRawBufferPointer) {
        // A nil key would mean "as before"; an empty buffer may have no address, so it gets one.
        let none: UInt8 = 0
        let done = withUnsafePointer(to: none) { none in
            let bytes = key.baseAddress?.assumingMemoryBound(to: UInt8.self) ?? none
            return EVP_MAC_init(context, bytes, key.count, nil)
        }
        precondition(done == 1, "OpenSSL did not take an HMAC key")
    }

    /// Starts again with the key it has: this skips hashing the two pads, and is what makes a kept context fast.
    mutating func restart() {
        precondition(EVP_MAC_init(context, nil, 0, nil) == 1, "OpenSSL could not restart an HMAC")
    }

    /// Writes the tag of the message: `byteCount` bytes.
    mutating func finish(_ message: UnsafeRawBufferPointer, into tag: UnsafeMutableRawBufferPointer) {
        precondition(tag.count >= byteCount, "the tag needs \(byteCount) bytes")
        let bytes = message.baseAddress?.assumingMemoryBound(to: UInt8.self)
        let out = tag.baseAddress?.assumingMemoryBound(to: UInt8.self)
        let done = EVP_MAC_update(context, bytes, message.count) == 1 && EVP_MAC_final(context, out, nil, tag.count) == 1
        precondition(done, "OpenSSL could not finish an HMAC")
    }
}
