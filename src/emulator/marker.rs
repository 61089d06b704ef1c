//! Page markers: opaque to the client, checked when they come back.
//!
//! A marker says after which item a page starts, not at which number, so that pages stay whole while keys come and go.

use std::fmt::Write;

/// Makes a marker for a kind of listing, after an item.
pub(crate) fn encode(listing: &str, last: &[u8]) -> String {
    let mut marker = String::with_capacity(2 * last.len() + 16);
    for byte in last {
        // Writing to a string cannot fail.
        let _ = write!(marker, "{byte:02x}");
    }
    let _ = write!(marker, "{:016x}", checksum(listing, last));
    marker
}

/// The item behind a marker; None unless this listing made it.
pub(crate) fn decode(listing: &str, marker: &str) -> Option<Vec<u8>> {
    let (body, sum) = marker.split_at_checked(marker.len().checked_sub(16)?)?;
    let digits = body.as_bytes().chunks(2);
    let bytes: Option<Vec<u8>> =
        digits.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect();
    let bytes = bytes?;
    (u64::from_str_radix(sum, 16).ok()? == checksum(listing, &bytes)).then_some(bytes)
}

/// FNV-1a: enough to tell a marker of ours from a made-up one.
fn checksum(listing: &str, bytes: &[u8]) -> u64 {
    let all = listing.bytes().chain([0]).chain(bytes.iter().copied());
    all.fold(0xcbf2_9ce4_8422_2325, |sum, byte| (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_markers_of_the_same_listing_come_back() {
        let marker = encode("ListKeys", b"item");
        assert_eq!(decode("ListKeys", &marker).as_deref(), Some(b"item".as_slice()));
        assert_eq!(decode("ListAliases", &marker), None);
        for foreign in ["", "x", "0123456789abcdef", "not hexadecimal at all", "ééééééééééééé", &format!("{marker}0")]
        {
            assert_eq!(decode("ListKeys", foreign), None, "{foreign}");
        }
    }
}
