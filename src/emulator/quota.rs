//! Request quotas: so many a second for each account, Region and operation, as documented, scaled by one setting.
//!
//! A bucket holds a second's worth and fills evenly. A request that needs several buckets takes from all or from none.

use std::collections::BTreeMap;

use super::op::Operation;
use super::region::RegionId;

/// What a request takes from one bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Demand {
    pub(crate) region: RegionId,
    pub(crate) operation: Operation,
    pub(crate) count: u32,
}

#[derive(Debug)]
pub(crate) struct Quotas {
    /// Nought is off.
    scale: f64,
    buckets: BTreeMap<(usize, RegionId, Operation), Bucket>,
}

#[derive(Clone, Copy, Debug)]
struct Bucket {
    /// What is left, as of a moment.
    tokens: f64,
    at: u64,
}

/// The documented number of requests a second; None where none is documented for this operation alone.
fn per_second(operation: Operation) -> Option<u32> {
    match operation {
        Operation::DescribeKey | Operation::ListResourceTags => Some(2000),
        Operation::GetKeyPolicy | Operation::GetKeyRotationStatus => Some(1000),
        Operation::ListKeys | Operation::ListAliases => Some(500),
        Operation::ListGrants => Some(100),
        Operation::ScheduleKeyDeletion
        | Operation::PutKeyPolicy
        | Operation::DeleteAlias
        | Operation::EnableKeyRotation => Some(15),
        Operation::TagResource | Operation::UntagResource => Some(10),
        Operation::ReplicateKey
        | Operation::CreateKey
        | Operation::UpdatePrimaryRegion
        | Operation::CancelKeyDeletion
        | Operation::EnableKey
        | Operation::DisableKey
        | Operation::CreateAlias
        | Operation::UpdateAlias
        | Operation::DisableKeyRotation
        | Operation::UpdateKeyDescription => Some(5),
        Operation::Encrypt | Operation::Decrypt => Some(20_000),
        Operation::GetCallerIdentity | Operation::AssumeRole => None,
    }
}

impl Quotas {
    pub(crate) fn new(scale: f64) -> Self {
        Self { scale, buckets: BTreeMap::new() }
    }

    pub(crate) fn are_on(&self) -> bool {
        self.scale > 0.0
    }

    /// Takes what a request needs, or nothing and says no.
    pub(crate) fn spend(&mut self, now: u64, account: usize, demands: &[Demand]) -> bool {
        let enough = demands.iter().all(|demand| self.left(now, account, *demand) >= f64::from(demand.count));
        if enough {
            for demand in demands {
                let tokens = self.left(now, account, *demand) - f64::from(demand.count);
                self.buckets.insert((account, demand.region, demand.operation), Bucket { tokens, at: now });
            }
        }
        enough
    }

    fn left(&self, now: u64, account: usize, demand: Demand) -> f64 {
        let Some(documented) = per_second(demand.operation) else { return f64::INFINITY };
        let rate = f64::from(documented) * self.scale;
        // Even a tiny share of a quota lets a request through now and then.
        let most = rate.max(2.0);
        let Some(bucket) = self.buckets.get(&(account, demand.region, demand.operation)) else { return most };
        let waited = u32::try_from(now.saturating_sub(bucket.at)).unwrap_or(u32::MAX);
        (bucket.tokens + rate * f64::from(waited) / 1000.0).min(most)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::emulator::region::Regions;

    fn demand(region: &str, operation: Operation, count: u32) -> Demand {
        Demand { region: Regions::new().intern(region).unwrap(), operation, count }
    }

    #[test]
    fn a_second_grants_the_documented_number() {
        let mut quotas = Quotas::new(1.0);
        let create = [demand("us-east-1", Operation::CreateKey, 1)];
        let granted = |quotas: &mut Quotas, now| (0..20).filter(|_| quotas.spend(now, 0, &create)).count();
        assert_eq!(granted(&mut quotas, 1000), 5);
        assert_eq!(granted(&mut quotas, 1199), 0);
        assert_eq!(granted(&mut quotas, 1400), 2);
        assert_eq!(granted(&mut quotas, 60_000), 5);
        assert!(quotas.spend(60_000, 1, &create), "each account has its own");
        assert!(quotas.spend(60_000, 0, &[demand("us-east-2", Operation::CreateKey, 1)]), "and each Region");
    }

    #[test]
    fn a_request_takes_from_all_its_buckets_or_from_none() {
        let mut quotas = Quotas::new(1.0);
        let replicate = [demand("us-east-1", Operation::ReplicateKey, 1), demand("eu-west-1", Operation::CreateKey, 2)];
        let granted = (0..5).filter(|_| quotas.spend(0, 0, &replicate)).count();
        assert_eq!(granted, 2, "two CreateKey each, of five");
        let left = (0..10).filter(|_| quotas.spend(0, 0, &replicate[..1])).count();
        assert_eq!(left, 3);
    }

    #[test]
    fn the_scale_moves_every_quota() {
        let mut quotas = Quotas::new(0.1);
        let list = [demand("us-east-1", Operation::ListKeys, 1)];
        assert_eq!((0..100).filter(|_| quotas.spend(0, 0, &list)).count(), 50);
        assert!(!Quotas::new(0.0).are_on());
    }
}
