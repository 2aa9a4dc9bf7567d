//! `amiaudit`: which of an organization's AMIs can somebody outside launch, who let them, and is it
//! still so?
//!
//! The rooms, in the order in which data flows. Imports point one way; `tests/layout.rs` holds them to
//! it, and `docs/architecture.md` is the map.
//!
//! | room | what it does | what it must never do |
//! | --- | --- | --- |
//! | [`cli`] | what was typed, turned into settings | run anything; lend clap to others |
//! | [`app`] | wiring, one file a command | decide anything that a room could |
//! | [`model`] | what everything else speaks of | IO; AWS or clap types |
//! | [`aws`] | sessions, pacing, retries, reasons | know what is asked, or why |
//! | [`trail`] | CloudTrail's records in any envelope, events out | fetch anything; judge |
//! | [`collect`] | reads the world into the model | judge; write to AWS; drop what it cannot read |
//! | [`judge`] | shares in, findings out | IO; call anything external on a guess |
//! | [`report`] | a report in, bytes out | write files; judge |
//! | [`remediate`] | plan, approve, apply, journal, undo; the only room that changes AMIs | act on more than a plan names |
//! | [`sandbox`] | an AWS endpoint over loopback | speak to AWS; listen beyond loopback |

pub mod app;
pub mod aws;
pub mod cli;
pub mod collect;
pub mod judge;
pub mod model;
pub mod remediate;
pub mod report;
pub mod sandbox;
pub mod trail;
