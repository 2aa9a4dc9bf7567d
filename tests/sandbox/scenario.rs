//! Scenario files: slips are named with their line.

use amiaudit::sandbox::{Scenario, World};

fn refused(text: &str) -> String {
    match Scenario::parse("world.toml", text) {
        Err(error) => error.to_string(),
        Ok(scenario) => World::new(scenario).map(|_| ()).unwrap_err().to_string(),
    }
}

#[test]
fn slips_are_named() {
    let start = "caller = \"111111111111\"\nregions = [\"us-east-1\"]\n";
    let unknown = refused(&format!("{start}[[account]]\nid = \"111111111111\"\nnmae = \"x\"\n"));
    assert!(
        unknown.contains("world.toml") && unknown.contains("nmae") && unknown.contains("line 5"),
        "{unknown}"
    );
    let account = refused(&format!("{start}[[account]]\nid = \"1\"\n"));
    assert!(account.contains("account.id") && account.contains("12 digits"), "{account}");
    let image =
        format!("{start}[[image]]\naccount = \"222222222222\"\nregion = \"us-east-1\"\nid = \"ami-1\"\n");
    assert!(refused(&image).contains("there is no account 222222222222"));
    assert!(refused("caller = 3").contains("line 1"));
}

#[test]
fn a_scenario_reads_back_as_written() {
    let scenario = amiaudit::sandbox::demo::organization().unwrap();
    let text = toml::to_string(&scenario).unwrap();
    let again = Scenario::parse("again", &text).unwrap();
    assert_eq!(toml::to_string(&again).unwrap(), text);
    assert_eq!(World::new(again).unwrap().image_count(), World::new(scenario).unwrap().image_count());
}
