//! What should be the same in all related keys, compared with the primary's; without a readable primary with the first that can be read.
