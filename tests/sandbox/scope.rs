//! What a signature is for is checked: whose call, which day, which Region.

use amiaudit::sandbox::Scenario;

use crate::support::python::script;
use crate::support::served::Served;

#[test]
fn signatures_for_something_else_are_refused() {
    let served = Served::new(Scenario::parse("world.toml", include_str!("world.toml")).unwrap());
    let printed = script("sandbox/scope.py", &[&served.url()], &[]);
    assert_eq!(printed.trim(), "every signature was judged as AWS judges it");
    // What was refused was no call.
    let counts = served.counts();
    assert_eq!(counts.values().sum::<u64>(), 8, "{counts:?}");
}
