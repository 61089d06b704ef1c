//! What is known and what it means: pure values and the rules over them.
//!
//! Nothing here reads a clock, a file or a network. Text that came from outside is [`text::Foreign`]; a fact that could be wrong carries when it was asked and
//! when it was answered; "absent" has one constructor and it takes the proof.

pub(crate) mod aws_command;
pub(crate) mod by_hand;
pub(crate) mod caret;
#[expect(dead_code, reason = "the command that reports findings is next")]
pub(crate) mod check;
pub(crate) mod compare;
pub(crate) mod coverage;
pub(crate) mod evidence;
pub(crate) mod filter;
pub(crate) mod fleet;
pub(crate) mod id;
pub(crate) mod impact;
pub(crate) mod key;
pub(crate) mod plan;
pub(crate) mod policy;
pub(crate) mod reading;
pub(crate) mod rule;
pub(crate) mod shell;
pub(crate) mod standing;
pub(crate) mod text;
pub(crate) mod time;
pub(crate) mod trail;
pub(crate) mod verdict;
