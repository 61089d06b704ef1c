//! The registry of everything a person can do: one row each. Help, menu, footer, configuration and `keyfleet keys` read this table and nothing else.
//!
//! An action here only has a name and a key. Whether it can be done is [`super::availability`]'s to say, and what it does is [`super::perform`]'s.

use super::context::Scope;
use crate::domain::plan::Operation;

/// What must be under the cursor for the action to make sense.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Needs {
    Nothing,
    /// A multi-Region key.
    Key,
    /// A key and one Region.
    Cell,
    /// A key that is a member in one Region: read, listed or named there.
    Member,
}

/// What the action may do to the world.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Risk {
    /// Only the screen changes, or something is read.
    Looks,
    /// Something leaves keyfleet: the clipboard, a browser, the process itself.
    Leaves,
    /// The write lock.
    Unlocks,
    /// Opens a plan, which is confirmed or not. Nothing is changed by the action itself.
    Plans(Operation),
}

/// One row of the registry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) action: Action,
    /// The name in the configuration.
    pub(crate) name: &'static str,
    /// A word or two for footers and the menu.
    pub(crate) label: &'static str,
    /// One sentence for help.
    pub(crate) doc: &'static str,
    pub(crate) keys: &'static [&'static str],
    pub(crate) scope: Scope,
    pub(crate) needs: Needs,
    pub(crate) risk: Risk,
}

macro_rules! actions {
    ($($scope:ident { $($action:ident $name:literal $label:literal [$($key:literal),*] $needs:ident $risk:expr, $doc:literal;)+ })+) => {
        /// A named, bindable intent.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub(crate) enum Action {
            $($($action,)+)+
        }

        /// Every action, in the order of help.
        pub(crate) const TABLE: &[Entry] = &[
            $($(Entry {
                action: Action::$action,
                name: $name,
                label: $label,
                doc: $doc,
                keys: &[$($key),*],
                scope: Scope::$scope,
                needs: Needs::$needs,
                risk: { use Risk::*; $risk },
            },)+)+
        ];

        impl Action {
            /// Its row in the registry.
            pub(crate) fn entry(self) -> &'static Entry {
                // The enum and the table are written by the same macro: a row's place is its action's number.
                match TABLE.get(self as usize) {
                    Some(entry) => entry,
                    None => &FALLBACK,
                }
            }
        }
    };
}

actions! {
    Move {
        Down "down" "down" ["j", "down"] Nothing Looks, "Moves the cursor down, or scrolls a text by one line.";
        Up "up" "up" ["k", "up"] Nothing Looks, "Moves the cursor up, or scrolls a text by one line.";
        PageDown "page_down" "page down" ["pgdn"] Nothing Looks, "Moves down by a page.";
        PageUp "page_up" "page up" ["pgup"] Nothing Looks, "Moves up by a page.";
        HalfPageDown "half_page_down" "half page down" ["ctrl-d"] Nothing Looks, "Moves down by half a page.";
        HalfPageUp "half_page_up" "half page up" ["ctrl-u"] Nothing Looks, "Moves up by half a page.";
        Top "top" "top" ["g", "home"] Nothing Looks, "Goes to the first line.";
        Bottom "bottom" "bottom" ["G", "end"] Nothing Looks, "Goes to the last line.";
    }
    Sideways {
        Left "left" "Region left" ["h", "left"] Nothing Looks, "Goes to the Region on the left; in the tree, folds the members away.";
        Right "right" "Region right" ["l", "right"] Nothing Looks, "Goes to the Region on the right; in the tree, unfolds the members.";
    }
    Keys {
        Open "detail" "detail" ["enter", "d"] Key Looks, "Opens everything that is known of the key.";
        Filter "filter" "filter" ["/"] Nothing Looks, "Narrows the list by an expression, for example: state:disabled region:eu-*";
    }
    Fleet {
        Mark "mark" "mark" ["space"] Key Looks, "Marks or unmarks the key under the cursor, in the tree its member, and goes down.";
        MarkRange "mark_range" "mark range" ["V"] Key Looks, "Begins a range of marks at the cursor, and ends it where the cursor is then.";
        MarkAll "mark_all" "mark all" ["*", "ctrl-a"] Nothing Looks, "Marks everything that the filter keeps.";
        Unmark "unmark" "unmark all" ["u"] Nothing Looks, "Takes every mark away, those that the filter hides too.";
        Sort "sort" "sort" ["s"] Nothing Looks, "Orders the list by the next column.";
        ReverseSort "reverse_sort" "reverse order" ["S"] Nothing Looks, "Turns the order around.";
        Layout "layout" "layout" ["v"] Nothing Looks, "Changes between the matrix and the tree of members.";
    }
    Loss {
        LoseRegion "lose_region" "add Region" ["space"] Nothing Looks, "Counts the Region under the cursor among those that are lost, or no longer.";
    }
    Text {
        Search "search" "search" ["/"] Nothing Looks, "Searches the text.";
        SearchNext "search_next" "next match" ["n"] Nothing Looks, "Goes to the next match.";
        SearchPrevious "search_previous" "previous match" ["N"] Nothing Looks, "Goes to the match before.";
    }
    Detail {
        Properties "properties" "properties" ["enter", "d"] Key Looks, "Shows properties, related keys and rotation.";
    }
    Member {
        Policy "policy" "policy" ["p"] Member Looks, "Reads and shows the key policy of this member.";
        Tags "tags" "tags" ["t"] Member Looks, "Reads and shows the tags of this member.";
        Aliases "aliases" "aliases" ["i"] Key Looks, "Shows the aliases of every member.";
        Json "json" "JSON" ["y"] Key Looks, "Shows the key as JSON.";
        Replicate "replicate" "replicate" ["R"] Cell Plans(Operation::ReplicateKey), "Opens the plan of a ReplicateKey into the Region under the cursor.";
        Keep "keep" "keep" ["K"] Key Plans(Operation::CancelKeyDeletion), "Opens the plan of a CancelKeyDeletion for the member under the cursor.";
        Promote "promote" "promote" ["P"] Member Plans(Operation::UpdatePrimaryRegion), "Opens the plan of an UpdatePrimaryRegion to the replica under the cursor.";
        Enable "enable" "enable" ["E"] Key Plans(Operation::EnableKey), "Opens the plan of an EnableKey for the member under the cursor.";
        Diff "diff" "diff" ["D"] Key Looks, "Compares the primary and the member under the cursor, or the two members that are marked: policies by statement.";
        Permissions "permissions" "permissions" ["x"] Key Looks, "Lists the IAM actions that a change of this row needs, by Region, and what is known of them.";
        RefreshKey "refresh" "read again" ["r"] Key Looks, "Reads this key again in every Region.";
        Copy "copy" "copy" ["c"] Key Looks, "Copies something of this key: choose what with a second key.";
        CopyCommand "copy_command" "copy aws command" ["C"] Key Leaves, "Copies the aws command that reads the member under the cursor.";
        Console "console" "console" ["o"] Member Leaves, "Opens the member in the AWS console.";
    }
    Global {
        FleetScreen "fleet" "fleet" ["1"] Nothing Looks, "Shows the fleet.";
        CoverageScreen "coverage" "coverage" ["2"] Nothing Looks, "Shows how every key stands with every rule.";
        FindingsScreen "findings" "findings" ["3"] Nothing Looks, "Shows what the checks find, worst first; reads policies, tags and rotation.";
        LossScreen "loss" "loss" ["4"] Nothing Looks, "Shows what losing Regions would mean for every key; reads policies.";
        RegionLoss "region_loss" "Region loss" ["L"] Nothing Looks, "Shows what losing the Region under the cursor would mean for every key.";
        DeletionsScreen "deletions" "deletions" ["5"] Nothing Looks, "Shows what is pending deletion, by time left, and what could not be read.";
        RegionsScreen "regions" "Regions" ["6"] Nothing Looks, "Shows the Regions, those with errors first.";
        JournalScreen "journal" "journal" ["7"] Nothing Looks, "Shows what was changed, and what changed state in this session.";
        NextScreen "next_screen" "next screen" ["tab"] Nothing Looks, "Goes to the next screen.";
        PreviousScreen "previous_screen" "previous screen" ["shift-tab"] Nothing Looks, "Goes to the screen before.";
        Errors "errors" "errors" ["e"] Nothing Looks, "Shows the Regions that could not be read, and why.";
        RefreshAll "refresh_all" "read all again" ["ctrl-r"] Nothing Looks, "Reads every Region again.";
        ToggleWrites "writes" "lock or unlock" ["!"] Nothing Unlocks, "Unlocks changes for ten minutes, or locks them.";
        Changes "changes" "changes" ["w"] Nothing Looks, "Shows what became of every change of this run, step by step.";
        Pause "pause" "pause or go on" ["z"] Nothing Leaves, "Holds back the steps of a change that have not been sent, or lets them go on.";
        ByHand "by_hand" "say the outcome" ["H"] Nothing Leaves, "Says what became of a change whose outcome reading cannot tell.";
        Menu "menu" "menu" ["a"] Nothing Looks, "Lists what can be done here, and why the rest cannot.";
        Help "help" "help" ["?"] Nothing Looks, "Explains marks and keys.";
    }
    Leave {
        Back "back" "back" ["esc"] Nothing Looks, "Goes back: closes what is open, then drops the range that is being marked, then clears the filter.";
        Quit "quit" "back or quit" ["q"] Nothing Leaves, "Goes back, and quits where there is nothing to go back to.";
    }
    Copy {
        CopyArn "copy_arn" "ARN" ["a"] Member Leaves, "Copies the ARN of the member under the cursor.";
        CopyKeyId "copy_key_id" "key ID" ["k"] Key Leaves, "Copies the key ID.";
        CopyRegion "copy_region" "Region" ["r"] Cell Leaves, "Copies the name of the Region.";
        CopyAlias "copy_alias" "alias" ["n"] Key Leaves, "Copies the alias.";
        CopyPolicy "copy_policy" "policy" ["p"] Member Leaves, "Copies the key policy, once it has been read.";
        CopyJson "copy_json" "JSON" ["j"] Key Leaves, "Copies the key as JSON.";
        CopyView "copy_view" "view as Markdown" ["t"] Nothing Leaves, "Copies the list, as filtered and ordered, as a Markdown table.";
    }
    Viewer {
        CopyCommands "copy_commands" "copy commands" ["C"] Nothing Leaves, "Copies the aws commands that ask IAM what keyfleet cannot read.";
    }
    Menu {
        Choose "choose" "choose" ["enter"] Nothing Looks, "Does what is chosen in the menu.";
    }
    Prompt {
        Accept "accept" "accept" ["enter"] Nothing Looks, "Takes what was typed.";
        Cancel "cancel" "cancel" ["esc"] Nothing Looks, "Leaves what was typed and keeps what was before.";
    }
    Plan {
        PlanCancel "plan_cancel" "cancel" ["esc"] Nothing Looks, "Closes the plan. Nothing is sent.";
        PlanPolicy "plan_policy" "view policy" ["f2"] Nothing Looks, "Shows the policy that the new replica gets.";
        PlanChoosePolicy "plan_choose_policy" "choose policy" ["f3"] Nothing Looks, "Goes to the next policy for the replica: rewritten for its Region, verbatim, KMS's default.";
        PlanOptions "plan_options" "options" ["tab"] Nothing Looks, "Goes to the next option of the plan; the space bar turns it on or off.";
        PlanCopy "plan_copy" "copy command" ["f4"] Nothing Leaves, "Copies the aws command of the plan.";
        PlanPageDown "plan_page_down" "more" ["pgdn"] Nothing Looks, "Scrolls the plan down.";
        PlanPageUp "plan_page_up" "less" ["pgup"] Nothing Looks, "Scrolls the plan up.";
        PlanDown "plan_down" "line down" ["down"] Nothing Looks, "Scrolls the plan down by one line.";
        PlanUp "plan_up" "line up" ["up"] Nothing Looks, "Scrolls the plan up by one line.";
    }
    Always {
        Interrupt "interrupt" "quit" ["ctrl-c"] Nothing Leaves, "Quits from anywhere. A request that is on its way is waited for.";
        Suspend "suspend" "suspend" ["ctrl-z"] Nothing Leaves, "Gives the terminal back to the shell; fg returns. An open plan is closed.";
    }
}

/// Never reached: `Action` and `TABLE` come from one list, and a test compares them row by row.
const FALLBACK: Entry = Entry {
    action: Action::Help,
    name: "help",
    label: "help",
    doc: "",
    keys: &[],
    scope: Scope::Global,
    needs: Needs::Nothing,
    risk: Risk::Looks,
};

impl Action {
    pub(crate) fn name(self) -> &'static str {
        self.entry().name
    }

    pub(crate) fn label(self) -> &'static str {
        self.entry().label
    }

    pub(crate) fn from_name(name: &str) -> Option<Self> {
        TABLE.iter().find(|entry| entry.name == name).map(|entry| entry.action)
    }

    /// The change whose plan this action opens.
    pub(crate) fn operation(self) -> Option<Operation> {
        match self.entry().risk {
            Risk::Plans(operation) => Some(operation),
            Risk::Looks | Risk::Leaves | Risk::Unlocks => None,
        }
    }
}

/// Every name that the configuration may use.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    TABLE.iter().map(|entry| entry.name)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_row_stands_at_its_actions_number() {
        for (place, entry) in TABLE.iter().enumerate() {
            assert_eq!(entry.action as usize, place, "{}", entry.name);
            assert_eq!(entry.action.entry(), entry);
        }
    }

    #[test]
    fn names_are_unique_and_documented() {
        let unique: BTreeSet<&str> = names().collect();
        assert_eq!(unique.len(), TABLE.len());
        for entry in TABLE {
            assert!(entry.doc.len() > 10 && !entry.label.is_empty(), "{}", entry.name);
            let plain = entry.name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
            assert!(plain, "{}", entry.name);
            assert_eq!(Action::from_name(entry.name), Some(entry.action));
        }
    }

    #[test]
    fn every_change_is_one_of_four_capitals() {
        let changes: Vec<(&[&str], Operation)> = TABLE
            .iter()
            .filter_map(|entry| entry.action.operation().map(|operation| (entry.keys, operation)))
            .collect();
        assert_eq!(
            changes,
            [
                (&["R"][..], Operation::ReplicateKey),
                (&["K"], Operation::CancelKeyDeletion),
                (&["P"], Operation::UpdatePrimaryRegion),
                (&["E"], Operation::EnableKey),
            ]
        );
    }
}
