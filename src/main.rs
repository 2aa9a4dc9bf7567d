//! `amiaudit`: chooses the clock and the exit code; everything else is the library's.

use std::process::ExitCode;

use amiaudit::model::clock::Clock;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    #[expect(clippy::disallowed_methods, reason = "the one place where the wall clock is read")]
    let clock = Clock::new(jiff::Timestamp::now);
    let exit = amiaudit::app::run(std::env::args_os().collect(), &clock);
    ExitCode::from(exit.code())
}
