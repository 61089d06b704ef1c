//! What is done to a model from outside the service: the clock, the faults, the log, imported key material.

use serde::Deserialize;

use super::Model;
use crate::emulator::fault::FaultText;
use crate::emulator::fleet::TimeSpan;
use crate::emulator::key::{KeyId, Life, Member};
use crate::emulator::region::RegionId;
use crate::emulator::spec::Origin;

/// In place of `GetParametersForImport` and `ImportKeyMaterial`, or of `DeleteImportedKeyMaterial`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Import {
    key: String,
    region: String,
    account: Option<String>,
    expires_in: Option<TimeSpan>,
    #[serde(default)]
    delete: bool,
}

/// What becomes of a member's imported key material.
#[derive(Clone, Copy)]
enum Material {
    Gone,
    Lasting,
    Until(u64),
}

impl Model {
    /// Moves the clock forward.
    pub fn advance(&mut self, by_ms: u64) {
        self.advanced = self.advanced.saturating_add(by_ms);
        self.changed = true;
    }

    /// Adds a fault given as JSON; the error is for the one who sent it.
    ///
    /// # Errors
    /// If the text is not a fault.
    pub fn add_fault(&mut self, json: &[u8]) -> Result<(), String> {
        let text: FaultText = serde_json::from_slice(json).map_err(|error| error.to_string())?;
        text.check()?;
        self.faults.add(text);
        Ok(())
    }

    /// Ends every fault, also those of the fleet file.
    pub fn clear_faults(&mut self) {
        self.faults.clear();
    }

    /// The log from an entry on, one JSON object a line; entries count from 1.
    pub fn log(&mut self, at: u64, from: u64) -> Vec<u8> {
        self.catch_up(at);
        let accounts: Vec<&str> = self.accounts.iter().map(|account| &*account.id).collect();
        self.log.write(&self.regions, &accounts, from)
    }

    /// Gives imported key material to a member, or takes it away, as JSON says.
    ///
    /// # Errors
    /// If there is no such member, or its key does not take imported material.
    pub fn import(&mut self, at: u64, json: &[u8]) -> Result<(), String> {
        let import: Import = serde_json::from_slice(json).map_err(|error| error.to_string())?;
        self.catch_up(at);
        let now = self.started.saturating_add(self.elapsed(at));
        let key = KeyId::parse(&import.key).ok_or_else(|| format!("`{}` is no key ID", import.key))?;
        let region =
            self.regions.intern(&import.region).ok_or_else(|| format!("`{}` is not a Region", import.region))?;
        let position = match &import.account {
            Some(number) => self.accounts.iter().position(|account| *account.id == **number),
            None => self.accounts.iter().position(|account| account.member(region, key).is_some()),
        };
        let material = match import.expires_in {
            _ if import.delete => Material::Gone,
            Some(span) => Material::Until(now.saturating_add(span.0)),
            None => Material::Lasting,
        };
        self.changed = true;
        self.set_material(position, (region, key), now, material)
    }

    fn set_material(
        &mut self,
        position: Option<usize>,
        (region, key): (RegionId, KeyId),
        now: u64,
        material: Material,
    ) -> Result<(), String> {
        let missing = || format!("{key} is not in that Region");
        let account = position.and_then(|position| self.accounts.get_mut(position)).ok_or_else(missing)?;
        let external = account.sets.get(&key).is_some_and(|set| set.kind.origin == Origin::External);
        account.remember(key, now);
        let member = account.member_mut(region, key).ok_or_else(missing)?;
        if !external {
            return Err(format!("{key} does not take imported key material"));
        }
        match material {
            Material::Gone => member.lose_material(),
            Material::Lasting => give_material(member, None)?,
            Material::Until(ends) => give_material(member, Some(ends))?,
        }
        if let Some(at) = account.settle(key, now) {
            account.timeline.add(at, key);
        }
        Ok(())
    }
}

fn give_material(member: &mut Member, ends: Option<u64>) -> Result<(), String> {
    match member.life {
        Life::PendingDeletion { .. } | Life::PendingReplicaDeletion { .. } | Life::Creating { .. } => {
            return Err(format!("the key is {}", member.life.state().words()));
        }
        Life::PendingImport => member.life = Life::Enabled,
        Life::Enabled | Life::Disabled => {}
    }
    (member.imported, member.material_ends) = (true, ends);
    Ok(())
}
