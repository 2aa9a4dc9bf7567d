use serde_json::json;

use crate::support::build::{HOME, MEMBER, organization};
use crate::support::events::{about, call, log, nothing_stands, with};

#[test]
fn catches_and_leaves_alone() {
    let (here, there, at) = ((HOME, "us-east-1"), (MEMBER, "eu-west-1"), "2026-05-01T00:00:00Z");
    let wrapped = json!({ "CreateStoreImageTaskRequest": { "ImageId": "ami-1", "Bucket": "elsewhere" } });
    let refused = call(at, there, "CreateInstanceExportTask", json!({ "instanceId": "i-2" }));
    let records = [
        call(at, here, "CreateStoreImageTask", wrapped),
        call(at, there, "CreateInstanceExportTask", json!({ "instanceId": "i-1" })),
        call(
            at,
            there,
            "ExportImage",
            json!({ "imageId": "ami-2", "s3ExportLocation": { "s3Bucket": "there" } }),
        ),
        with(with(refused, "errorCode", json!("Client.UnauthorizedOperation")), "eventID", json!("refused")),
        about(at, here, "DeregisterImage", "ami-3"),
    ];
    let log = log(&records);
    let judged = nothing_stands(organization());
    let row = |place: (&str, &str), image: &str, name: &str| {
        [place.0, place.1, image, "", "medium", "open", &format!("{name} at {at}")].map(str::to_owned)
    };
    assert_eq!(
        judged.rows("image-exported", &log),
        [
            row(here, "ami-1", "CreateStoreImageTask"),
            row(there, "", "CreateInstanceExportTask"),
            row(there, "ami-2", "ExportImage"),
        ]
    );
    let notes: Vec<String> = judged.found("image-exported", &log).iter().map(|f| f.notes.join(" ")).collect();
    assert_eq!(
        notes,
        [
            "CreateStoreImageTask names the bucket elsewhere.",
            "CreateInstanceExportTask names the instance i-1.",
            "ExportImage names the bucket there.",
        ]
    );
}
