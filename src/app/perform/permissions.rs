//! What the row under the cursor needs to be changed: opened, read for, and kept up to date while it is open.

use crate::app::Model;
use crate::app::effect::Effect;
use crate::app::overlay::Overlay;
use crate::app::overlay::permissions::{Permissions, judged, lines, questions, regions};
use crate::app::screen::detail::title;
use crate::domain::fleet::KeyRef;
use crate::domain::id::Region;
use crate::domain::text::{Foreign, Safe};
use crate::engine::Deep;
use crate::engine::effect::Effect as EngineEffect;

impl Model {
    pub(super) fn open_permissions(&mut self) -> Vec<Effect> {
        let Some(subject) = self.subject() else { return Vec::new() };
        let overlay = Permissions::new(&title(subject.row), subject.row.key.clone(), subject.region.cloned());
        self.push(Overlay::Permissions(overlay))
    }

    fn open_permissions_of(&self) -> Option<(KeyRef, Option<Region>)> {
        self.overlays.iter().find_map(|overlay| match overlay {
            Overlay::Permissions(permissions) => Some((permissions.key.clone(), permissions.region.clone())),
            Overlay::Help(_)
            | Overlay::Reader(_)
            | Overlay::SideBySide(_)
            | Overlay::ByHand(_)
            | Overlay::Menu(_)
            | Overlay::Copy
            | Overlay::Filter(_)
            | Overlay::Search(_)
            | Overlay::Plan(_)
            | Overlay::Quit(_) => None,
        })
    }

    /// The key policies of the members concerned are read for as long as somebody asks what they say.
    pub(in crate::app) fn want_policies(&mut self) -> Vec<EngineEffect> {
        let Some((key, region)) = self.open_permissions_of() else { return Vec::new() };
        let Some(row) = self.fleet.live(&key) else { return Vec::new() };
        let regions = regions(row, region.as_ref());
        let now = self.now;
        regions.iter().flat_map(|region| self.engine.want(now, &key, region, Deep::Policy)).collect()
    }

    /// The commands in the open overlay, a line each.
    pub(super) fn questions_to_iam(&self) -> Option<Foreign> {
        let (key, region) = self.open_permissions_of()?;
        let row = self.fleet.live(&key)?;
        let commands = questions(&self.engine, &key, &judged(&self.engine, row, region.as_ref()));
        let lines: Vec<&str> = commands.iter().map(Safe::as_str).collect();
        (!lines.is_empty()).then(|| Foreign::new(lines.join("\n")))
    }

    /// Composes the text anew; of a key that is gone the last one stays.
    pub(in crate::app) fn compose_permissions(&mut self) {
        let Some((key, region)) = self.open_permissions_of() else { return };
        let Some(row) = self.fleet.live(&key) else { return };
        let text = lines(&self.engine, &key, &judged(&self.engine, row, region.as_ref()));
        for overlay in &mut self.overlays {
            if let Overlay::Permissions(permissions) = overlay {
                permissions.viewer.text.replace(text.clone());
            }
        }
    }
}
