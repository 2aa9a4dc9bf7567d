use amiaudit::sandbox::{Options, Scenario};

use crate::support::python::script;
use crate::support::served::{Served, options};

fn scenario(name: &str) -> Scenario {
    Scenario::parse(name, include_str!("world.toml")).unwrap()
}

#[test]
fn boto3_drives_it() {
    let served = Served::new(scenario("world.toml"));
    let printed = script("sandbox/drive.py", &[&served.url()], &[]);
    assert_eq!(printed.trim(), "every answer was as AWS gives it");
}

#[test]
fn its_buckets_are_awss() {
    let served = Served::with(scenario("world.toml"), Options { throttle: true, ..options() });
    let printed = script("sandbox/throttle.py", &[&served.url()], &[]);
    assert_eq!(printed.trim(), "100 answered, then RequestLimitExceeded; the other Region still answers");
}
