//! Where a key press lands: the scopes that are open together on a screen or overlay, and which one listens.

/// A group of actions that are available together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Scope {
    /// Cursor and scrolling.
    Move,
    /// From one Region to the next.
    Sideways,
    /// What concerns the key and Region under the cursor.
    Member,
    /// A list of keys that can be narrowed, and each key opened.
    Keys,
    Fleet,
    /// The choice of Regions that are lost.
    Loss,
    /// Texts that can be searched.
    Text,
    Detail,
    Global,
    Leave,
    Copy,
    /// A text over a screen.
    Viewer,
    Menu,
    Prompt,
    Plan,
    Always,
}

/// Everything that listens at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Context {
    Fleet,
    /// Findings, and the coverage by rules.
    Findings,
    Loss,
    Deletions,
    Detail,
    Regions,
    Journal,
    /// Help and the policy viewer, on top of whatever was open.
    Viewer,
    /// Two members side by side.
    Comparison,
    Menu,
    Copy,
    /// The filter and the search line: what is not bound is text.
    Prompt,
    /// The plan dialog: what is not bound is text.
    Plan,
    /// A change is on its way and someone wants to quit.
    Quit,
}

impl Context {
    pub(crate) const ALL: [Context; 14] = [
        Context::Fleet,
        Context::Findings,
        Context::Loss,
        Context::Deletions,
        Context::Detail,
        Context::Regions,
        Context::Journal,
        Context::Viewer,
        Context::Comparison,
        Context::Menu,
        Context::Copy,
        Context::Prompt,
        Context::Plan,
        Context::Quit,
    ];

    pub(crate) fn scopes(self) -> &'static [Scope] {
        match self {
            Context::Fleet => &[
                Scope::Keys,
                Scope::Fleet,
                Scope::Sideways,
                Scope::Member,
                Scope::Move,
                Scope::Global,
                Scope::Leave,
                Scope::Always,
            ],
            Context::Deletions | Context::Findings => {
                &[Scope::Keys, Scope::Sideways, Scope::Member, Scope::Move, Scope::Global, Scope::Leave, Scope::Always]
            }
            Context::Loss => &[
                Scope::Keys,
                Scope::Loss,
                Scope::Sideways,
                Scope::Member,
                Scope::Move,
                Scope::Global,
                Scope::Leave,
                Scope::Always,
            ],
            Context::Detail => &[
                Scope::Detail,
                Scope::Sideways,
                Scope::Member,
                Scope::Text,
                Scope::Move,
                Scope::Global,
                Scope::Leave,
                Scope::Always,
            ],
            Context::Regions => &[Scope::Move, Scope::Global, Scope::Leave, Scope::Always],
            Context::Journal => &[Scope::Text, Scope::Move, Scope::Global, Scope::Leave, Scope::Always],
            Context::Viewer => &[Scope::Viewer, Scope::Text, Scope::Move, Scope::Leave, Scope::Always],
            Context::Comparison => &[Scope::Sideways, Scope::Text, Scope::Move, Scope::Leave, Scope::Always],
            Context::Menu => &[Scope::Menu, Scope::Move, Scope::Leave, Scope::Always],
            Context::Copy => &[Scope::Copy, Scope::Leave, Scope::Always],
            Context::Prompt => &[Scope::Prompt, Scope::Always],
            Context::Plan => &[Scope::Plan, Scope::Always],
            Context::Quit => &[Scope::Leave, Scope::Always],
        }
    }

    /// Whether keys that are not bound are text here. A binding must then not take a letter away.
    pub(crate) fn takes_text(self) -> bool {
        matches!(self, Context::Prompt | Context::Plan)
    }
}
