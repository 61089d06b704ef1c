//! The walk through a bad night, played: docs/incident.md shows what the program really draws, and counts the key presses.

use std::fmt::Write as _;
use std::fs;
use std::time::Duration;

use super::stage::Stage;
use super::story::region;
use crate::domain::reading::ReasonKind;

const PAGE: &str = "docs/incident.md";
/// More than this nobody should need at night.
const MOST: usize = 10;

/// The page while it is written: what is said, what is pressed, what is seen.
struct Walk {
    stage: Stage,
    text: String,
    presses: usize,
}

impl Walk {
    fn says(&mut self, words: &str) -> &mut Self {
        self.text.extend(words.trim().lines().map(wrapped));
        self.text.push('\n');
        self
    }

    /// Presses keys, says so with their number, and shows the screen.
    fn presses(&mut self, keys: &str, words: &str) -> &mut Self {
        let names: Vec<String> = keys.split(' ').map(|key| format!("`{key}`")).collect();
        self.presses += names.len();
        self.says(&format!("**Press {}** ({} so far). {words}", names.join(" "), self.presses));
        self.stage.keys(keys);
        self.stage.settle();
        self
    }

    fn shows(&mut self) -> &mut Self {
        let _infallible = writeln!(self.text, "```text\n{}\n```\n", self.stage.text().trim_end());
        self
    }

    fn passes(&mut self, steps: usize) -> &mut Self {
        for _ in 0..steps {
            self.stage.pass(Duration::from_secs(25));
            self.stage.settle();
        }
        self
    }
}

/// A paragraph or an entry of a list, broken between words.
fn wrapped(line: &str) -> String {
    let indent = if line.starts_with("- ") { "  " } else { "" };
    let mut text = String::new();
    let mut used = 0;
    for word in line.split(' ') {
        let wide = word.chars().count();
        if used > 0 && used + 1 + wide > 118 {
            let _infallible = write!(text, "\n{indent}");
            used = indent.len();
        } else if used > 0 {
            text.push(' ');
            used += 1;
        }
        text.push_str(word);
        used += wide;
    }
    text + "\n"
}

#[test]
fn the_walk_through_an_incident_takes_at_most_ten_key_presses() {
    let stage = Stage::story((110, 30));
    let mut walk = Walk { stage, text: String::new(), presses: 0 };
    the_night(&mut walk);
    the_day_after(&mut walk);
    assert!(walk.presses <= MOST, "{} key presses", walk.presses);
    #[expect(clippy::disallowed_methods, reason = "the switch that also renews the text snapshots")]
    if std::env::var("INSTA_UPDATE").is_ok_and(|update| update == "always") {
        fs::write(PAGE, &walk.text).unwrap();
    }
    let kept = fs::read_to_string(PAGE).unwrap_or_default();
    assert!(kept == walk.text, "{PAGE} is not what the program does: run `INSTA_UPDATE=always cargo test incident`");
}

fn the_night(walk: &mut Walk) {
    walk.says(
        "# 03:00: us-east-1 is dark\n\nA Region does not answer. From there to the ticket it is at most ten key presses. A test \
         draws these screens with the program itself and counts the keys.\n\n\
         Four things first:\n\n\
         - **Nothing here moves a primary key.** UpdatePrimaryRegion is sent to the Region of the primary. If that is dark, do not wait for \
         it, and do not try it in a loop.\n\
         - **Do not schedule a deletion of anything tonight.** A member that looks orphaned is one whose primary you cannot see.\n\
         - **A replica does not need its primary.** It encrypts and decrypts alone, with its own policy and its own aliases. Point your \
         callers at its ARN.\n\
         - This is about keys. Whether the data is there too, keyfleet cannot see.\n\n\
         ## What is lost, what is frozen",
    );
    walk.stage.world.failing.insert(region("us-east-1"), ReasonKind::Timeout);
    walk.passes(8);
    walk.says(
        "The dashboard was open (it can be opened now as well: it then starts from the fleet that the last run kept). The column of \
         us-east-1 shows an age instead of a count, and its cells are dimmed: that is what was last known.",
    );
    walk.shows();
    walk.presses(
        "l L",
        "`l` puts the cursor into the column of us-east-1, `L` shows what its loss means. Without a column for it: `4`, then Space on a Region; Space on a \
         second one adds it.",
    );
    walk.shows().says(
        "Read it from the top. The second line is the sentence for the incident channel: how many keys are lost, frozen, reduced, unknown. Below \
         the Regions stands how old the knowledge of us-east-1 is; had it never been read whole, it would say that keys which lived only there \
         are not listed.\n\n\
         - **lost**: no usable member is left. Ciphertext of this key cannot be read until the Region is back, or until what `Now:` says is done: \
         a survivor that is only Disabled is enabled with `E`, one that is pending deletion is kept with `K`. Both are sent to the survivor's own \
         Region and work tonight.\n\
         - **frozen**: the primary is in the dark. The survivors encrypt and decrypt. Nothing can be replicated, rotated or promoted. Leave it so.\n\
         - **reduced**: a replica is gone, the primary stays. Nothing to do tonight.\n\
         - **unknown**: something that could not be read decides it; `Now:` names it.",
    );
}

fn the_day_after(walk: &mut Walk) {
    walk.says("## The ARNs to fail over to");
    walk.presses("j j", "Goes down to the first frozen key.");
    walk.presses(
        "c a",
        "Copies the ARNs of its survivors, one a line, the usable ones first. Below the rule each of them stands with its state, whether its \
         policy is the primary's, and which alias it lacks: a caller that uses the alias needs one made there (`aws kms create-alias`), and one \
         that is not in the replica's policy is denied.",
    );
    walk.shows();
    walk.presses(
        "c t",
        "Copies all of it as Markdown, for the ticket: the warnings, the counts, every key with every survivor.",
    );
    walk.says(
        "The same from a script, also when no terminal is at hand: `keyfleet impact us-east-1 --output markdown`. It exits with 3 while the Region \
         cannot be read, because the answer then rests on what was last known.\n\n## The plan for the day after",
    );
    walk.stage.world.failing.remove(&region("us-east-1"));
    walk.passes(8);
    walk.says(
        "us-east-1 answers again. The same screen, untouched, now says what would have helped while it was up, and for each key the command that \
         plans it.",
    );
    walk.shows();
    walk.presses(
        "P",
        "Opens the plan that moves the primary of this key out of us-east-1. Nothing is sent before its confirmation is typed; Esc leaves it.",
    );
    walk.shows().says("For more than one key, plan in files, review them, and apply them by day:");
    walk.text.push_str(
        "```sh\n\
         keyfleet plan cover > cover.json                                   # every replica that a rule requires and that is missing\n\
         keyfleet plan replicate mrk-… --to eu-west-1 --alias > one.json    # one key that would have been lost\n\
         keyfleet plan promote mrk-… --to us-west-2 > two.json              # one key that was frozen\n\
         keyfleet apply cover.json\n\
         ```\n\n",
    );
    walk.says(
        "Then write the rule that would have told you before: `[[rules]]` with the `required` Regions, and `keyfleet check` every night.",
    );
    let end = walk.text.trim_end().len();
    walk.text.truncate(end);
    walk.text.push('\n');
}
