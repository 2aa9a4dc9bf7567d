"""Prints what parliament, an IAM linter, has to say of the policy on standard input."""

import sys

import parliament

for finding in parliament.analyze_policy_string(sys.stdin.read()).findings:
    print(finding.issue, finding.detail)
