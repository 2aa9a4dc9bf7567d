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
fn more_grants_than_are_allowed_can_be_taken_back() {
    let mut scenario = scenario("world.toml");
    scenario.images[0].shared_with = (0..1_002).map(|n| format!("{n:012}")).collect();
    let served = Served::new(scenario);
    let code = "import boto3, sys\n\
                ec2 = boto3.client('ec2', region_name='us-east-1', endpoint_url=sys.argv[1],\n    \
                aws_access_key_id='AKIA0000111111111111', aws_secret_access_key='x')\n\
                ec2.modify_image_attribute(ImageId='ami-00000001', LaunchPermission={'Remove': [{'UserId': '0' * 12}]})\n\
                print('done')\n";
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("remove.py");
    std::fs::write(&file, code).unwrap();
    assert_eq!(script(file.to_str().unwrap(), &[&served.url()], &[]).trim(), "done");
    let world = served.sandbox().world();
    assert_eq!(world.grants().filter(|(_, image, _)| image == "ami-00000001").count(), 1_001);
}

#[test]
fn its_buckets_are_awss() {
    let served = Served::with(scenario("world.toml"), Options { throttle: true, ..options() });
    let printed = script("sandbox/throttle.py", &[&served.url()], &[]);
    assert_eq!(printed.trim(), "100 answered, then RequestLimitExceeded; the other Region still answers");
}
