//! Many keys from a few numbers, for fleets of a size that nobody writes by hand.

use super::build::Builder;
use crate::emulator::fleet::Generate;
use crate::emulator::key::{KeyId, KeySet, Life, Member};
use crate::emulator::random::named;
use crate::emulator::region::RegionId;
use crate::emulator::spec::{Kind, Origin, Spec, Usage};
use crate::emulator::store::{Alias, DAY};

/// Fills an account as the n-th `[[generate]]` of a file says.
pub(crate) fn generate(builder: &mut Builder<'_>, number: usize, directive: &Generate) {
    let regions: Vec<RegionId> =
        directive.regions.names().iter().filter_map(|name| builder.regions.intern(name)).collect();
    for count in 0..directive.keys {
        let id = KeyId::Multi(named(builder.file.seed, "generated", format!("{number}/{count}")));
        let alias = format!("alias/fleet-{}{count:05}", if number == 0 { String::new() } else { format!("{number}-") });
        // Primaries take turns, and replicas live in the Regions that follow.
        let turn = usize::try_from(count).unwrap_or(0) % regions.len().max(1);
        let members: Vec<RegionId> = regions.iter().cycle().skip(turn).take(directive.related).copied().collect();
        add(builder, directive, id, (&members, Some(&alias)));
    }
    for region in regions {
        for count in 0..directive.single_region {
            let name = format!("{number}/{}/{count}", builder.regions.name(region));
            let id = KeyId::Single(named(builder.file.seed, "single", name));
            add(builder, directive, id, (&[region], None));
        }
    }
}

fn add(builder: &mut Builder<'_>, directive: &Generate, id: KeyId, (members, alias): (&[RegionId], Option<&str>)) {
    let Some(primary) = members.first() else { return };
    let (age, started) = (builder.age(id), builder.started);
    let Some(account) = builder.account(directive.account.as_ref()) else { return };
    let set = KeySet {
        kind: Kind { spec: Spec::symmetric(), usage: Usage::EncryptDecrypt, origin: Origin::AwsKms },
        multi_region: matches!(id, KeyId::Multi(_)),
        aws_managed: false,
        rotation: None,
        primary: *primary,
        members: Vec::with_capacity(members.len()),
        moving: None,
    };
    account.sets.insert(id, set);
    for (position, region) in (0..).zip(members) {
        let created = started.saturating_sub(age).saturating_add((position * DAY).min(age / 2));
        let member = Member {
            life: Life::Enabled,
            created,
            imported: true,
            material_ends: None,
            is_behind: false,
            description: Box::default(),
            tags: Vec::new(),
            policy: None,
        };
        account.add_member(*region, id, member);
        if let Some(name) = alias {
            account.add_alias(*region, name, Alias { target: Some(id), created, updated: created });
        }
    }
}
