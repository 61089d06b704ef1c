//! The screens, as an operator sees them: made by messages and keys only, kept as text.

mod comparison;
mod deletions;
mod dialogs;
mod hostile;
mod incident;
mod losing;
mod marks;
mod pictures;
mod ruled;
mod screens;
mod sizes;
mod stage;
mod story;
mod tones;
