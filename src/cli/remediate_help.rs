//! What `amiaudit remediate --help` says below its flags.

pub(super) const REMEDIATE_HELP: &str = "\
Examples:
  amiaudit remediate plan reports/today/report.json --severity critical --out plan.json
  amiaudit remediate approve plan.json --sign-key approver.pem
  amiaudit remediate apply plan.json --role-name Remediator --policy policy.toml --dry-run
  amiaudit remediate apply plan.json --role-name Remediator --policy policy.toml --canary 1
  amiaudit remediate undo journal.jsonl --role-name Remediator

A plan takes back grants that are open findings of a report, and nothing else. Entries may be taken out of
plan.json by hand; what is added or changed is refused. apply looks at policy, organization and each image anew,
takes back what is still unauthorized, verifies it, and writes journal.jsonl and remediation.csv beside the plan.
The same command goes on after it was killed. `amiaudit iam-policy remediate` prints what the role needs.
Exit codes: 0 all done and verified, 20 some not done, 1 stopped before any change, 2 wrong use or refused.";

pub(super) const PLAN_HELP: &str = "\
Examples:
  amiaudit remediate plan reports/today/report.json
  amiaudit remediate plan reports/today/report.json --rule public-ami --ticket SEC-7 --out public/plan.json
  amiaudit remediate plan reports/today/report.json --usage-report --role-name UsageReader

`amiaudit iam-policy remediate --usage-report` prints what the role of --usage-report needs.
Exit codes: 0 the plan is written, 20 it is, but who uses an image could not be told, 1 failure, 2 wrong use.";

pub(super) const APPROVE_HELP: &str = "\
Examples:
  openssl genpkey -algorithm ed25519 -out approver.pem
  openssl pkey -in approver.pem -pubout -out approver-public.pem
  amiaudit remediate approve plan.json --sign-key approver.pem

The signature goes into the plan, with who AWS says that you are; whoever ran the scan is refused.
Exit codes: 0 approved, 1 failure, 2 wrong use or refused.";

pub(super) const APPLY_HELP: &str = "\
Examples:
  amiaudit remediate apply plan.json --role-name Remediator --policy policy.toml --dry-run
  amiaudit remediate apply plan.json --role-name Remediator --policy policy.toml --canary 1
  amiaudit remediate apply plan.json --role-name Remediator --require-approval --approver-key approver-public.pem --yes

The same command goes on after it was stopped or killed: journal.jsonl tells what is done.
Exit codes: 0 all done and verified, 20 some not done, 1 stopped before any change, 2 wrong use or refused.";

pub(super) const UNDO_HELP: &str = "\
Examples:
  amiaudit remediate undo journal.jsonl --role-name Remediator
  amiaudit remediate undo journal.jsonl --role-name Remediator --canary 1 --yes

What the journal says was taken is given again, nothing else: that shares with the same outsiders as before.
Exit codes: 0 all done and verified, 20 some not done, 1 stopped before any change, 2 wrong use or refused.";
