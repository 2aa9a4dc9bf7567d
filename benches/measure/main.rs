//! Measures what docs/performance.md reports. Each part prints its figures and what they are held against, and
//! ends with 1 where one does not hold.
//!
//! ```sh
//! cargo bench --bench measure -- pace|history|remediate|cost|memory|scale|resume|sandbox|judge|trail [smaller]
//! ```
//!
//! It needs Python 3, `cost` needs valgrind, and `trail` needs jq. `smaller` takes a tenth of the work, to try a change.
#![expect(
    clippy::print_stdout,
    clippy::expect_used,
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    reason = "a measurement prints, and a failed one ends"
)]

mod cost;
mod history;
mod memory;
mod other_clients;
mod pace;
mod process;
mod remediate;
mod resume;
mod sandbox;
mod scale;
mod served;
mod trail;

/// Whether a figure holds, said in one line.
pub(crate) fn hold(what: &str, figure: f64, limit: f64) -> bool {
    let holds = figure <= limit;
    let word = if holds { "holds" } else { "DOES NOT HOLD" };
    println!("{what}: {figure:.3}, at most {limit} wanted: {word}");
    holds
}

/// The same for a figure that must not be smaller.
pub(crate) fn hold_at_least(what: &str, figure: f64, limit: f64) -> bool {
    let holds = figure >= limit;
    let word = if holds { "holds" } else { "DOES NOT HOLD" };
    println!("{what}: {figure:.3}, at least {limit} wanted: {word}");
    holds
}

/// Measures a part of the full work, one in so many, and says whether its figures hold.
type Measure = fn(usize) -> bool;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|text| !text.starts_with("--")).collect();
    let part = if arguments.iter().any(|text| text == "smaller") { 10 } else { 1 };
    let wanted = |name: &str| arguments.iter().any(|text| text == name);
    let all: [(&str, Measure); 10] = [
        ("pace", pace::measure),
        ("history", history::measure),
        ("remediate", remediate::measure),
        ("cost", cost::measure),
        ("memory", memory::measure),
        ("judge", memory::judge),
        ("scale", scale::measure),
        ("resume", resume::measure),
        ("sandbox", sandbox::measure),
        ("trail", trail::measure),
    ];
    let chosen: Vec<_> = all.iter().filter(|(name, _)| wanted(name)).collect();
    if chosen.is_empty() {
        println!(
            "name what to measure: pace, history, remediate, cost, memory, judge, scale, resume, sandbox, trail"
        );
    }
    let mut held = true;
    for (name, measure) in chosen {
        println!("--- {name}");
        held &= measure(part);
    }
    if !held {
        std::process::exit(1);
    }
}
