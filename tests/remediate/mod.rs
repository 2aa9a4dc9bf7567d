//! Plans, journals, apply and undo, without a network.

mod apply;
mod document;
mod fake;
mod hostile;
mod journal;
mod killed;
mod property;
mod select;
mod told;
