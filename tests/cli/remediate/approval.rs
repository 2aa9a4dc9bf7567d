//! A second person: signed by a key that may, of another user than the planner, over what is in the plan.

use std::path::Path;

use super::stage::{Stage, all_ended, ending};
use super::world::{HERE, small};
use super::writes::{modify, planned};
use crate::support::binary::{amiaudit_at, told};
use crate::support::build::STRANGER;

const REQUIRED: [&str; 3] = ["--require-approval", "--approver-key", "zoe.pub"];

/// A pair of Ed25519 keys in PEM.
fn make_keys(folder: &Path, name: &str) {
    use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
    use ed25519_dalek::pkcs8::{EncodePrivateKey as _, EncodePublicKey as _};
    let seed: [u8; 32] = std::array::from_fn(|_| fastrand::u8(..));
    let key = ed25519_dalek::SigningKey::from_bytes(&seed);
    let write = |kind: &str, text: &str| std::fs::write(folder.join(format!("{name}.{kind}")), text).unwrap();
    write("pem", &key.to_pkcs8_pem(LineEnding::LF).unwrap());
    write("pub", &key.verifying_key().to_public_key_pem(LineEnding::LF).unwrap());
}

fn planned_with_keys() -> Stage {
    let stage = Stage::planned(small());
    for name in ["zoe", "stranger"] {
        make_keys(stage.folder.path(), name);
    }
    stage
}

/// Approves the plan as a user of the caller's account, by a key.
fn approve(stage: &Stage, user: &str, key: &str) {
    let output = stage.run_as(&stage.key_of(user), &["approve", "plan.json", "--sign-key", key]);
    assert_eq!(output.status.code(), Some(0), "{}", told(&output));
}

#[test]
fn another_persons_approval_is_asked_for_and_written_down() {
    let stage = planned_with_keys();
    stage.assert_refused_cleanly(
        &stage.apply(&REQUIRED),
        "nobody approved it: `amiaudit remediate approve` does",
    );
    stage.assert_refused_cleanly(&stage.apply(&["--require-approval"]), "--approver-key");
    let mut command = amiaudit_at(stage.folder.path(), &stage.served.url(), &stage.served.key());
    command.env("AMIAUDIT_REQUIRE_APPROVAL", "true").args(["remediate", "apply", "plan.json", "--yes"]);
    stage.assert_refused_cleanly(&command.output().unwrap(), "--approver-key");

    approve(&stage, "ZOE", "zoe.pem");
    let output = stage.apply(&REQUIRED);
    assert_eq!(output.status.code(), Some(0), "{}", told(&output));
    assert_eq!(stage.endings(), all_ended("revoked"));
    for row in stage.rows() {
        assert_eq!(row["approved_by"], "arn:aws:iam::111111111111:user/zoe");
        assert_eq!(row["by"], "arn:aws:iam::111111111111:user/auditor");
    }
    assert_eq!(stage.writes(), planned(&stage.plan(), "Remove"));
    // Undone by a third person; nobody approves that.
    let output = stage.run_as(&stage.key_of("KIM"), &["undo", "journal.jsonl", "--yes"]);
    assert_eq!(output.status.code(), Some(0), "{}", told(&output));
    for row in stage.rows() {
        assert_eq!(row["by"], "arn:aws:iam::111111111111:user/kim");
        assert_eq!(row["approved_by"], "");
    }
    // What was applied is not forgotten.
    let all = stage.all_rows();
    let of_first: Vec<_> = all.iter().take(2).map(|row| (&*row["result"], &*row["by"])).collect();
    let user = |name: &str| format!("arn:aws:iam::111111111111:user/{name}");
    assert_eq!(of_first, [("revoked", &*user("auditor")), ("restored", &*user("kim"))]);
    assert_eq!(all[0]["approved_by"], user("zoe"));
    assert_eq!(all[0]["after"], all[1]["before"]);
    assert_eq!(all[0]["before"], all[1]["after"]);
}

#[test]
fn one_of_several_approvals_is_enough() {
    let stage = planned_with_keys();
    approve(&stage, "KIM", "stranger.pem");
    approve(&stage, "ZOE", "zoe.pem");
    let output = stage.apply(&REQUIRED);
    assert_eq!(output.status.code(), Some(0), "{}", told(&output));
    assert!(stage.rows().iter().all(|row| row["approved_by"] == "arn:aws:iam::111111111111:user/zoe"));
}

#[test]
fn a_strangers_key_or_a_signature_that_was_changed_approves_nothing() {
    let stage = planned_with_keys();
    approve(&stage, "ZOE", "stranger.pem");
    let fits_none = "user/zoe: its signature fits none of the keys that may approve";
    stage.assert_refused_cleanly(&stage.apply(&REQUIRED), fits_none);
    let by_stranger = stage.plan()["approvals"][0].clone();
    approve(&stage, "ZOE", "zoe.pem");
    stage.edit(|plan| {
        plan["approvals"].as_array_mut().unwrap().remove(0);
    });
    let whole = stage.plan();
    for (field, value) in [
        ("at", serde_json::json!("2026-01-01T00:00:00Z")),
        ("signature", by_stranger["signature"].clone()),
        ("entries_sha256", serde_json::json!([])),
    ] {
        stage.write("plan.json", &whole.to_string());
        stage.edit(|plan| plan["approvals"][0][field] = value.clone());
        stage.assert_refused_cleanly(&stage.apply(&REQUIRED), fits_none);
    }
    stage.write("plan.json", &whole.to_string());
    stage.edit(|plan| plan["approvals"][0]["by"]["user_id"] = serde_json::json!("AIDAOTHER"));
    stage.assert_refused_cleanly(&stage.apply(&REQUIRED), fits_none);
}

#[test]
fn who_planned_cannot_approve() {
    let stage = planned_with_keys();
    let output = stage.run(&["approve", "plan.json", "--sign-key", "zoe.pem"]);
    stage.assert_refused_cleanly(&output, "another person must approve it: who runs the scan plans");
    assert_eq!(stage.plan()["approvals"], serde_json::json!([]));

    // Not even with a signature made elsewhere.
    let bytes = std::fs::read(stage.path("plan.json")).unwrap();
    let mut plan = amiaudit::remediate::read_plan(&bytes).unwrap();
    let mut approval = plan.to_approve(plan.report.by.clone(), plan.created_at);
    let pem = std::fs::read_to_string(stage.path("zoe.pem")).unwrap();
    use ed25519_dalek::pkcs8::DecodePrivateKey as _;
    let key = ed25519_dalek::SigningKey::from_pkcs8_pem(&pem).unwrap();
    let text = amiaudit::remediate::signed_text(&plan.sha256, &approval);
    approval.signature = hex::encode(ed25519_dalek::Signer::sign(&key, &text).to_bytes());
    plan.approvals.push(approval);
    std::fs::write(stage.path("plan.json"), amiaudit::remediate::write_plan(&plan)).unwrap();
    let reason = "user/auditor planned it too: another person must approve";
    stage.assert_refused_cleanly(&stage.apply(&REQUIRED), reason);
}

#[test]
fn what_is_put_back_after_the_approval_was_not_approved() {
    let stage = planned_with_keys();
    let whole = stage.plan();
    let away = |plan: &mut serde_json::Value| {
        plan["entries"]
            .as_array_mut()
            .unwrap()
            .retain(|entry| entry["grantee"] == STRANGER && entry["image_id"] == "ami-1");
    };
    stage.edit(away);
    approve(&stage, "ZOE", "zoe.pem");
    let narrowed = stage.plan();
    stage.edit(|plan| plan["entries"] = whole["entries"].clone());
    let reason = "was not in the plan that was approved";
    stage.assert_refused_cleanly(&stage.apply(&REQUIRED), reason);

    stage.write("plan.json", &narrowed.to_string());
    let output = stage.apply(&REQUIRED);
    assert_eq!(output.status.code(), Some(0), "{}", told(&output));
    assert_eq!(stage.writes(), [modify(HERE, "ami-1", "Remove", &[STRANGER])]);
    assert_eq!(stage.endings(), [ending("ami-1", STRANGER, "revoked")]);
}
