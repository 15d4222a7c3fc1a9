public import Vocabulary

/// The secrets that attackers try first: those of documentation, tutorials and sample configurations.
public enum WeakSecrets {
    /// Whether the secret is on the published list of known JWT secrets (`WeakSecretTable`).
    ///
    /// Only secrets of 32 bytes and more are on the table: shorter ones answer false here and are refused for their length.
    public static func isKnownWeak(_ secret: Secret) -> Bool {
        let digest = secret.withBytes { Digest.of($0, .sha256) }
        let wanted = digest.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        let table = WeakSecretTable.digests
        var low = 0
        var high = table.count
        while low < high {
            let middle = (low + high) / 2
            if table[middle] < wanted { low = middle + 1 } else { high = middle }
        }
        return low < table.count && table[low] == wanted
    }
}
