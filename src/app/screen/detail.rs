//! Everything about one key, as a text in sections. Opening a section causes the readings it needs.

mod text;

pub(in crate::app) use text::{Source, policy_lines, title};

use crate::app::text::Text;
use crate::domain::fleet::KeyRef;
use crate::domain::id::Region;

/// What the detail screen shows of the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Section {
    /// Properties, related keys and rotation.
    Properties,
    Aliases,
    Policy,
    Tags,
    Json,
}

impl Section {
    pub(crate) const ALL: [Section; 5] =
        [Section::Properties, Section::Aliases, Section::Policy, Section::Tags, Section::Json];

    pub(crate) fn title(self) -> &'static str {
        match self {
            Section::Properties => "Properties",
            Section::Aliases => "Aliases",
            Section::Policy => "Policy",
            Section::Tags => "Tags",
            Section::Json => "JSON",
        }
    }
}

/// One key, opened.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Detail {
    pub(in crate::app) key: KeyRef,
    pub(in crate::app) region: Option<Region>,
    pub(in crate::app) section: Section,
    pub(in crate::app) text: Text,
}

impl Detail {
    pub(crate) fn key(&self) -> &KeyRef {
        &self.key
    }

    /// The member that policy and tags are shown of, and that changes are about.
    pub(crate) fn region(&self) -> Option<&Region> {
        self.region.as_ref()
    }

    pub(crate) fn section(&self) -> Section {
        self.section
    }

    pub(crate) fn text(&self) -> &Text {
        &self.text
    }
}
