//! Key policies: their digest, and where they name a Region.

use sha2::{Digest as _, Sha256};

use super::id::Region;

/// The SHA-256 of a text, in hex.
pub(crate) fn sha256(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// How often the policy document names the Region: in ViaService conditions, service principals, ARNs. A verbatim copy may never match elsewhere.
pub(crate) fn mentions(policy: &str, region: &Region) -> usize {
    policy.matches(region.as_str()).count()
}
