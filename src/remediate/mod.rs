//! Takes back what a plan names, and nothing else; the only room that changes AMIs. The plan is a pure value, the
//! journal holds what was before, and `undo` restores exactly what the journal says was taken.

mod act;
mod approval;
mod block;
mod document;
mod hands;
mod journal;
mod ledger;
mod lock;
mod plan;
mod record;
mod restore;
mod revoke;
mod rows;
mod sdk;
mod select;
mod tell;
mod told;
mod usage;
mod users;

pub use act::{Broken, Job, Options, Still};
pub use approval::{Approval, signed_text};
pub use block::{switch_off, switch_on, to_switch_off};
pub use document::{BadPlan, read_plan, write_plan};
pub use hands::{Change, Hands, Trial, Unchanged};
pub use journal::{BadJournal, Line, read_journal};
pub use ledger::{BadFile, JournalFile, LARGEST_JOURNAL, Ledger, Memory};
pub use lock::PlanLock;
pub use plan::{Entry, Person, Plan, ReportRef, Stays};
pub use record::{Named, On, Record, Taken};
pub use restore::{Restoring, restore, to_restore};
pub use revoke::{Step, apply, steps};
pub use rows::rows;
pub use sdk::SdkWrites;
pub use select::{Selection, select};
pub use tell::{tell_plan, tell_rows};
pub use told::{Actor, Applied, BlockTold, GrantTold, TargetTold, Told, told};
pub use usage::ask_usage;
pub use users::{Usage, User};
