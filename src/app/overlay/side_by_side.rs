//! Two members of a key side by side, as a text: what came of the comparison first, then each property, then the policies by statement.
//!
//! Nothing is compared here, and nothing is called the same that was not read: see [`crate::domain::compare`].

use std::sync::Arc;

use super::Viewer;
use crate::app::screen::detail::title;
use crate::app::text::{Text, TextLine, Tone, column};
use crate::domain::compare::{Compared, Comparison, Doubt, Likeness, Policies, Side, Texts, Why, verdict};
use crate::domain::fleet::KeyRef;
use crate::domain::fleet::row::Row;
use crate::domain::id::Region;
use crate::domain::policy::Difference;
use crate::domain::text::{Safe, safe};
use crate::domain::time::{Timestamp, age};

/// From this width on the two stand beside each other.
const WIDE: usize = 100;

/// A mark and the name of a property.
const NAME: usize = 17;

/// The short name of a Region, in a row of its own.
const REGION: usize = 6;

/// What the frame and the mark of a match take of a line.
const FRAME: usize = 6;

/// Which two.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::app) struct Members {
    /// What the other is measured by: the primary, if it is one of the two.
    pub(in crate::app) one: Region,
    pub(in crate::app) other: Region,
}

/// The overlay: a text that is composed anew while the readings come in.
#[derive(Debug)]
pub(crate) struct SideBySide {
    pub(in crate::app) key: KeyRef,
    pub(in crate::app) members: Members,
    pub(in crate::app) viewer: Viewer,
    compared: Option<(Texts, Arc<Policies>)>,
}

impl SideBySide {
    pub(in crate::app) fn new(key: KeyRef, members: Members) -> Self {
        let viewer = Viewer { title: Safe::default(), text: Text::default() };
        Self { key, members, viewer, compared: None }
    }

    pub(crate) fn viewer(&self) -> &Viewer {
        &self.viewer
    }

    /// What came of these very texts, if they have been compared.
    pub(in crate::app) fn policies_of(&self, texts: &Texts) -> Option<Arc<Policies>> {
        let (compared, policies) = self.compared.as_ref()?;
        (compared == texts).then(|| Arc::clone(policies))
    }

    pub(in crate::app) fn take(&mut self, title: Safe, lines: Vec<TextLine>, compared: (Texts, Arc<Policies>)) {
        self.viewer.title = title;
        self.viewer.text.replace(lines);
        self.compared = Some(compared);
    }
}

/// What the text is composed from.
pub(in crate::app) struct Source<'model> {
    pub(in crate::app) sides: [Side<'model>; 2],
    /// Those that the first can be compared with.
    pub(in crate::app) others: Vec<Region>,
    pub(in crate::app) comparison: Comparison,
    pub(in crate::app) now: Timestamp,
    pub(in crate::app) width: usize,
    /// Left, right, policy.
    pub(in crate::app) keys: [String; 3],
}

impl Source<'_> {
    pub(in crate::app) fn title(&self, row: &Row) -> Safe {
        let [one, other] = &self.sides;
        safe!("{}: {} and {}", title(row), one.words(), other.words())
    }

    pub(in crate::app) fn lines(&self) -> Vec<TextLine> {
        let mut lines = vec![TextLine::of(self.tone(), verdict(&self.comparison))];
        lines.extend(self.choices());
        lines.push(TextLine::default());
        lines.extend(self.head());
        let mut said: &[Doubt] = &[];
        for compared in &self.comparison.properties {
            lines.extend(self.property(compared));
            let doubts = doubts(&compared.likeness);
            // The whole description fails at once: its reason is told once.
            if !doubts.is_empty() && said != doubts {
                lines.extend(doubts.iter().filter_map(doubt_line));
                said = doubts;
            }
        }
        lines.push(TextLine::default());
        lines.extend(self.policies(&self.comparison.policies));
        lines
    }

    /// Green only if everything was read and nothing differs.
    fn tone(&self) -> Tone {
        let properties = self.comparison.properties.iter().map(|compared| &compared.likeness);
        let all: Vec<&Likeness> = properties.chain([&self.comparison.policies.likeness]).collect();
        if all.contains(&&Likeness::Differs) {
            Tone::Warning
        } else if all.iter().all(|likeness| doubts(likeness).is_empty()) {
            Tone::Good
        } else {
            Tone::Plain
        }
    }

    /// The members that can stand on the right, the chosen one in brackets.
    fn choices(&self) -> Option<TextLine> {
        let [_, other] = &self.sides;
        let [left, right, _] = &self.keys;
        if self.others.len() < 2 {
            return None;
        }
        let mut line = TextLine::of(Tone::Dim, safe!("{left} {right} compare with "));
        for region in &self.others {
            let (open, close) = if region == other.region() { ("[", "]") } else { (" ", " ") };
            line = line.and(Tone::Dim, safe!("{open}{}{close}", region.short()));
        }
        Some(line)
    }

    fn is_wide(&self) -> bool {
        self.width >= WIDE
    }

    fn column_width(&self) -> usize {
        self.width.saturating_sub(FRAME + NAME + 2) / 2
    }

    /// Who stands where, and how old what is said of them is.
    fn head(&self) -> Vec<TextLine> {
        let read = self.sides.map(|side| self.age(side.described_at()));
        let mut lines = Vec::new();
        if self.is_wide() {
            lines.extend(self.beside(&safe!("{:NAME$}", ""), &self.sides.map(|side| side.words()), [Tone::Title; 2]));
        }
        lines.extend(self.pair(&head("  ", "read"), &read, [Tone::Dim; 2]));
        lines
    }

    fn age(&self, at: Option<Timestamp>) -> Safe {
        at.map_or("never".into(), |at| safe!("{} ago", age(self.now.since(at))))
    }

    fn ages(&self, one: Timestamp, other: Timestamp) -> Safe {
        match [one, other].map(|at| self.age(Some(at))) {
            [one, other] if one == other => safe!("; both read {one}"),
            [one, other] => safe!("; read {one} and {other}"),
        }
    }

    fn property(&self, compared: &Compared) -> Vec<TextLine> {
        let head = head(mark(&compared.likeness), compared.property.name());
        let tones = match &compared.likeness {
            Likeness::Same | Likeness::Own => [Tone::Plain; 2],
            Likeness::Differs => [Tone::Plain, Tone::Warning],
            Likeness::NotKnown { .. } => [Tone::Dim; 2],
        };
        let mut lines = Vec::new();
        let mut head_of_pairs = head.clone();
        if let Some(note) = &compared.note {
            lines.push(TextLine::of(Tone::Label, head).and(Tone::Plain, note.clone()));
            head_of_pairs = safe!("{:NAME$}", "");
        }
        if compared.likeness == Likeness::Same && !self.is_wide() {
            let values: Vec<&str> = compared.pairs.iter().map(|[one, _]| one.as_str()).collect();
            if !values.is_empty() {
                let value = safe!("{}", values.join(", "));
                lines.extend(self.value((head_of_pairs, Safe::default()), &value, Tone::Plain));
            }
            return lines;
        }
        for (number, pair) in compared.pairs.iter().enumerate() {
            let is_first = number == 0;
            let head = if is_first { head_of_pairs.clone() } else { safe!("{:NAME$}", "") };
            let [one, other] = pair;
            let tones = if one == other { [Tone::Plain; 2] } else { tones };
            lines.extend(self.pair(&head, pair, tones));
        }
        lines
    }

    fn pair(&self, head: &Safe, pair: &[Safe; 2], tones: [Tone; 2]) -> Vec<TextLine> {
        if self.is_wide() { self.beside(head, pair, tones) } else { self.below(head, pair, tones) }
    }

    fn beside(&self, head: &Safe, pair: &[Safe; 2], tones: [Tone; 2]) -> Vec<TextLine> {
        let width = self.column_width();
        let [left, right] = pair.each_ref().map(|value| column(value, width));
        let [left_tone, right_tone] = tones;
        let line = |number: usize| {
            let head = if number == 0 { head.clone() } else { safe!("{:NAME$}", "") };
            let [left, right] = [&left, &right].map(|column| column.get(number).cloned());
            let left = left.unwrap_or_else(|| safe!("{:width$}", ""));
            let line = TextLine::of(Tone::Label, head).and(left_tone, left).and(Tone::Plain, "  ");
            line.and(right_tone, right.map(|text| safe!("{}", text.as_str().trim_end())).unwrap_or_default())
        };
        (0..left.len().max(right.len())).map(line).collect()
    }

    fn below(&self, head: &Safe, pair: &[Safe; 2], tones: [Tone; 2]) -> Vec<TextLine> {
        let heads = [head.clone(), safe!("{:NAME$}", "")];
        let values = self.sides.iter().zip(pair).zip(tones);
        let lines = |(head, ((side, value), tone)): (Safe, ((&Side<'_>, &Safe), Tone))| {
            self.value((head, safe!("{:<REGION$}", side.region().short())), value, tone)
        };
        heads.into_iter().zip(values).flat_map(lines).collect()
    }

    /// A value of which what does not fit goes on below itself.
    fn value(&self, (head, side): (Safe, Safe), value: &Safe, tone: Tone) -> Vec<TextLine> {
        let before = NAME + side.as_str().len();
        let parts = column(value, self.width.saturating_sub(FRAME + before));
        let line = |(number, part): (usize, &Safe)| {
            let start = if number == 0 {
                TextLine::of(Tone::Label, head.clone()).and(Tone::Dim, side.clone())
            } else {
                TextLine::of(Tone::Plain, safe!("{:before$}", ""))
            };
            start.and(tone, safe!("{}", part.as_str().trim_end()))
        };
        parts.iter().enumerate().map(line).collect()
    }

    fn policies(&self, policies: &Policies) -> Vec<TextLine> {
        let [one, other] = &self.sides;
        let found = policies.differences.len();
        let words = match &policies.likeness {
            Likeness::Same | Likeness::Own => "the same, each for its own Region".into(),
            Likeness::Differs => count_words(found),
            Likeness::NotKnown { doubts, .. } if doubts.iter().any(|doubt| doubt.why == Why::Waiting) => {
                "reading…".into()
            }
            Likeness::NotKnown { differed: true, .. } => safe!("not known; when last read {}", count_words(found)),
            Likeness::NotKnown { differed: false, .. } => "not known".into(),
        };
        let title = TextLine::of(Tone::Title, head(mark(&policies.likeness), "policy")).and(Tone::Plain, words);
        let mut lines = vec![match (one.policy_at(), other.policy_at()) {
            (Some(one), Some(other)) => title.and(Tone::Dim, self.ages(one, other)),
            (Some(_) | None, Some(_) | None) => title,
        }];
        lines.extend(doubts(&policies.likeness).iter().filter_map(doubt_line));
        lines.extend(policies.default.as_ref().map(default_line));
        if !policies.differences.is_empty() {
            let sides = TextLine::of(Tone::Bad, safe!("  - only in {}", one.words()));
            lines.push(sides.and(Tone::Good, safe!("   + only in {}", other.words())));
        }
        for (number, difference) in (1..).zip(&policies.differences) {
            lines.extend(difference_lines(number, difference));
        }
        lines.push(TextLine::default());
        let [_, _, policy] = &self.keys;
        if !policy.is_empty() {
            lines.push(TextLine::of(Tone::Dim, safe!("{policy} in the detail shows the text of each policy")));
        }
        lines.push(TextLine::of(Tone::Dim, "= the same   ≠ differs   ? not known   no mark: each has its own"));
        lines
    }
}

fn doubts(likeness: &Likeness) -> &[Doubt] {
    match likeness {
        Likeness::Same | Likeness::Differs | Likeness::Own => &[],
        Likeness::NotKnown { doubts, differed: _ } => doubts,
    }
}

fn mark(likeness: &Likeness) -> &'static str {
    match likeness {
        Likeness::Same => "=",
        Likeness::Differs => "≠",
        Likeness::Own => " ",
        Likeness::NotKnown { .. } => "?",
    }
}

fn head(mark: &'static str, name: &'static str) -> Safe {
    let mark = mark.trim_end();
    safe!("{mark:<1} {name:<15}")
}

/// The reason; none while the answer is still to come.
fn doubt_line(doubt: &Doubt) -> Option<TextLine> {
    let words = safe!("{:NAME$}{}: {}", "", doubt.region, doubt.why.all_words());
    (doubt.why != Why::Waiting).then(|| TextLine::of(Tone::Warning, words))
}

fn default_line(region: &Region) -> TextLine {
    let words = "leaves every permission to the account's IAM policies";
    TextLine::of(Tone::Bad, safe!("  DEFAULT in {region}: "))
        .and(Tone::Warning, safe!("KMS's default policy, which {words}; the other has a policy of its own"))
}

fn count_words(count: usize) -> Safe {
    if count == 1 { "1 difference".into() } else { safe!("{count} differences") }
}

/// A statement that only one side has is said once; of one that differs both forms follow.
fn difference_lines(number: usize, difference: &Difference) -> Vec<TextLine> {
    let (words, lines) = (difference.words(), difference.lines());
    let mut shown = vec![TextLine::default()];
    if let [only] = lines.as_slice() {
        let first = only.as_str().get(..2).unwrap_or_default();
        shown.push(TextLine::of(Tone::Label, safe!("  {number}. ")).and(sign(only), safe!("{first}{words}")));
        return shown;
    }
    shown.push(TextLine::of(Tone::Label, safe!("  {number}. {words}")));
    shown.extend(lines.into_iter().map(|line| TextLine::of(sign(&line), safe!("     {line}"))));
    shown
}

/// `- …` and `+ …`, also with an element before the sign.
fn sign(line: &Safe) -> Tone {
    let signs = line.as_str().match_indices(['-', '+']).find(|(at, _)| {
        let before = line.as_str().get(..*at).unwrap_or_default();
        let after = line.as_str().get(at + 1..).unwrap_or_default();
        (before.is_empty() || before.ends_with(' ')) && after.starts_with(' ')
    });
    match signs {
        Some((_, "-")) => Tone::Bad,
        Some((_, "+")) => Tone::Good,
        Some(_) | None => Tone::Plain,
    }
}
