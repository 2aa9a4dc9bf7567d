//! Records as CloudTrail writes them: the callers, calls and parameters that fill a company's trail. Ids are random,
//! so that they pack as badly as AWS's do.

use std::fmt::Write as _;

use fastrand::Rng;

/// Who calls, again and again in one file.
struct Caller {
    identity: String,
    source_ip: String,
    agent: &'static str,
    console: bool,
}

/// One account and Region for some minutes.
pub(super) struct Place<'a> {
    pub(super) account: &'a str,
    pub(super) region: &'a str,
    /// The first second, of the day in `day`.
    pub(super) second: u32,
    pub(super) day: &'a str,
    callers: Vec<Caller>,
    /// Names of things that calls are about.
    things: Vec<String>,
}

const AGENTS: &[&str] = &[
    "APN/1.0 HashiCorp/1.0 Terraform/1.9.8 (+https://www.terraform.io) terraform-provider-aws/5.82.2 (+https://registry.terraform.io/providers/hashicorp/aws) aws-sdk-go-v2/1.32.7 ua/2.1 os/linux lang/go#1.23.3 md/GOOS#linux md/GOARCH#amd64 api/ec2#1.198.0",
    "Boto3/1.35.81 md/Botocore#1.35.81 ua/2.0 os/linux#6.1.119-129.201.amzn2023.x86_64 md/arch#x86_64 lang/python#3.12.7 md/pyimpl#CPython exec-env/AWS_Lambda_python3.12 cfg/retry-mode#legacy Botocore/1.35.81",
    "aws-sdk-java/2.29.29 md/io#sync md/http#Apache ua/2.1 os/Linux#5.10.230 lang/java#17.0.13 md/OpenJDK_64-Bit_Server_VM#17.0.13+11-LTS md/vendor#Amazon.com_Inc. cfg/auth-source#stat",
    "aws-cli/2.22.12 md/awscrt#0.23.4 ua/2.0 os/linux#5.15.0-1072-aws md/arch#x86_64 lang/python#3.12.6 md/pyimpl#CPython cfg/retry-mode#standard md/installer#exe md/distrib#ubuntu.22 md/prompt#off md/command#ec2.describe-instances",
    "amazon-vpc-cni-k8s aws-sdk-go-v2/1.32.5 os/linux lang/go#1.22.9 md/GOOS#linux md/GOARCH#amd64 api/ec2#1.190.0",
    "aws-sdk-go/1.55.5 (go1.22.8; linux; amd64) amazon-ssm-agent/3.3.1345.0",
];
const UPPER: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const HEX: &[u8] = b"0123456789abcdef";
const BASE64: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

fn letters(random: &mut Rng, of: &[u8], count: usize) -> String {
    (0..count).map(|_| char::from(of[random.usize(..of.len())])).collect()
}

pub(super) fn uuid(random: &mut Rng) -> String {
    let id = random.u128(..);
    let part = |shift: u32, mask: u128| id >> shift & mask;
    format!(
        "{:08x}-{:04x}-4{:03x}-a{:03x}-{:012x}",
        part(0, 0xffff_ffff),
        part(32, 0xffff),
        part(48, 0xfff),
        part(60, 0xfff),
        part(72, 0xffff_ffff_ffff)
    )
}

fn caller(random: &mut Rng, account: &str, nth: usize) -> Caller {
    let key = letters(random, UPPER, 16);
    let agent = AGENTS[nth % AGENTS.len()];
    let source_ip = format!("10.{}.{}.{}", random.u8(..), random.u8(..), random.u8(..));
    if nth % 5 == 4 {
        let identity = format!(
            r#"{{"type":"IAMUser","principalId":"AIDA{}","arn":"arn:aws:iam::{account}:user/deploy-{nth}","accountId":"{account}","accessKeyId":"AKIA{key}","userName":"deploy-{nth}"}}"#,
            letters(random, UPPER, 17)
        );
        return Caller { identity, source_ip, agent, console: false };
    }
    let console = nth % 5 == 3;
    let (role, session) = if console {
        (format!("AWSReservedSSO_PowerUser_{:016x}", random.u64(..)), format!("person{nth}@example.com"))
    } else {
        (format!("service-{nth}-task-role"), format!("i-0{}", letters(random, HEX, 16)))
    };
    let principal = letters(random, UPPER, 17);
    let identity = format!(
        r#"{{"type":"AssumedRole","principalId":"AROA{principal}:{session}","arn":"arn:aws:sts::{account}:assumed-role/{role}/{session}","accountId":"{account}","accessKeyId":"ASIA{key}","sessionContext":{{"sessionIssuer":{{"type":"Role","principalId":"AROA{principal}","arn":"arn:aws:iam::{account}:role/{role}","accountId":"{account}","userName":"{role}"}},"attributes":{{"creationDate":"2025-03-04T05:{:02}:{:02}Z","mfaAuthenticated":"false"}}}}}}"#,
        random.u8(..60),
        random.u8(..60)
    );
    Caller { identity, source_ip, agent, console }
}

impl<'a> Place<'a> {
    pub(super) fn new(
        random: &mut Rng,
        (account, region): (&'a str, &'a str),
        day: &'a str,
        second: u32,
    ) -> Self {
        let callers = (0..random.usize(4..24)).map(|nth| caller(random, account, nth)).collect();
        let things = (0..60).map(|_| letters(random, HEX, 17)).collect();
        Self { account, region, second, day, callers, things }
    }

    /// When, within some minutes.
    fn time(&self, random: &mut Rng) -> String {
        let at = self.second + random.u32(..300);
        format!("{}T{:02}:{:02}:{:02}Z", self.day, at / 3600, at / 60 % 60, at % 60)
    }
}

/// What one call says of itself.
pub(super) struct Call {
    pub(super) service: &'static str,
    pub(super) name: &'static str,
    /// `requestParameters` and `responseElements`.
    pub(super) request: String,
    pub(super) response: String,
    /// `resources` and `additionalEventData`, with a comma behind each.
    pub(super) more: String,
    pub(super) read_only: bool,
}

/// Writes a record, with a comma before it unless it is the first.
pub(super) fn write(text: &mut String, random: &mut Rng, place: &Place<'_>, call: &Call, id: &str) {
    let caller = &place.callers[random.usize(..place.callers.len())];
    let (account, region) = (place.account, place.region);
    let Call { service, name, request, response, more, read_only } = call;
    if !text.ends_with('[') {
        text.push(',');
    }
    let error = if *read_only && random.u32(..60) == 0 { DENIED } else { "" };
    let written = write!(
        text,
        r#"{{"eventVersion":"1.11","userIdentity":{},"eventTime":"{}","eventSource":"{service}.amazonaws.com","eventName":"{name}","awsRegion":"{region}","sourceIPAddress":"{}","userAgent":"{}",{error}"requestParameters":{request},"responseElements":{response},{more}"requestID":"{}","eventID":"{id}","readOnly":{read_only},"eventType":"AwsApiCall","managementEvent":true,"recipientAccountId":"{account}","eventCategory":"Management","tlsDetails":{{"tlsVersion":"TLSv1.3","cipherSuite":"TLS_AES_128_GCM_SHA256","clientProvidedHostHeader":"{service}.{region}.amazonaws.com"}}{}}}"#,
        caller.identity,
        place.time(random),
        caller.source_ip,
        caller.agent,
        uuid(random),
        if caller.console { r#","sessionCredentialFromConsole":"true""# } else { "" },
    );
    written.expect("memory takes it");
}

const DENIED: &str = r#""errorCode":"AccessDenied","errorMessage":"User is not authorized to perform this action because no identity-based policy allows it","#;

/// A call that matters to nobody here.
pub(super) fn usual(random: &mut Rng, place: &Place<'_>) -> Call {
    let (account, region) = (place.account, place.region);
    let thing = place.things[random.usize(..place.things.len())].as_str();
    let read = |service, name, request| Call {
        service,
        name,
        request,
        response: "null".to_owned(),
        more: String::new(),
        read_only: true,
    };
    match random.u32(..10_000) {
        0..1_800 => Call {
            more: format!(
                r#""resources":[{{"accountId":"{account}","type":"AWS::KMS::Key","ARN":"arn:aws:kms:{region}:{account}:key/0e5d0ab6-097e-49d8-99ef-{}"}}],"#,
                &thing[..12]
            ),
            ..read(
                "kms",
                "Decrypt",
                format!(
                    r#"{{"encryptionAlgorithm":"SYMMETRIC_DEFAULT","encryptionContext":{{"PARAMETER_ARN":"arn:aws:ssm:{region}:{account}:parameter/service/{thing}/password"}}}}"#
                ),
            )
        },
        1_800..3_200 => read(
            "ec2",
            "DescribeInstances",
            format!(r#"{{"instancesSet":{{"items":[{{"instanceId":"i-{thing}"}}]}},"filterSet":{{}}}}"#),
        ),
        3_200..4_400 => assume_role(random, account, thing),
        4_400..5_600 => bucket(random, account, region, thing),
        5_600..6_800 => read(
            "ssm",
            "GetParameter",
            format!(r#"{{"name":"/service/{thing}/password","withDecryption":true}}"#),
        ),
        6_800..8_000 => Call {
            read_only: false,
            ..read(
                "ssm",
                "UpdateInstanceInformation",
                format!(
                    r#"{{"instanceId":"i-{thing}","agentVersion":"3.3.1345.0","agentStatus":"Active","platformType":"Linux","platformName":"Amazon Linux","platformVersion":"2023","iPAddress":"10.1.2.3","computerName":"ip-10-1-2-3.{region}.compute.internal","agentName":"amazon-ssm-agent","availabilityZone":"{region}a","availabilityZoneId":"use1-az4","sSMConnectionChannel":"ssmmessages"}}"#
                ),
            )
        },
        8_000..9_000 => read(
            "ec2",
            "DescribeNetworkInterfaces",
            format!(
                r#"{{"networkInterfaceIdSet":{{}},"filterSet":{{"items":[{{"name":"attachment.instance-id","valueSet":{{"items":[{{"value":"i-{thing}"}}]}}}},{{"name":"tag:cluster.k8s.amazonaws.com/name","valueSet":{{"items":[{{"value":"production"}}]}}}}]}}}}"#
            ),
        ),
        9_000..9_990 => read("iam", "GetRole", format!(r#"{{"roleName":"service-{thing}"}}"#)),
        // Rules that look for calls: their patterns hold the names that are searched for here.
        _ => Call {
            read_only: false,
            ..read(
                "events",
                "PutRule",
                format!(
                    r#"{{"name":"watch-{thing}","eventPattern":"{{\"source\":[\"aws.ec2\"],\"detail\":{{\"eventName\":[\"ModifyImageAttribute\",\"ModifySnapshotAttribute\"]}}}}","state":"ENABLED"}}"#
                ),
            )
        },
    }
}

fn assume_role(random: &mut Rng, account: &str, thing: &str) -> Call {
    let (key, principal) = (letters(random, UPPER, 16), &thing[..12]);
    // Temporary credentials' tokens are logged, and nothing packs as badly.
    let length = if random.u8(..4) == 0 { 480 } else { 60 };
    let token = letters(random, BASE64, length);
    Call {
        service: "sts",
        name: "AssumeRole",
        request: format!(
            r#"{{"roleArn":"arn:aws:iam::{account}:role/service-{thing}","roleSessionName":"session-{principal}","externalId":"{thing}","durationSeconds":3600,"policy":"{{\"Version\":\"2012-10-17\",\"Statement\":[{{\"Effect\":\"Allow\",\"Action\":[\"s3:GetObject\",\"s3:ListBucket\"],\"Resource\":\"*\"}}]}}"}}"#
        ),
        response: format!(
            r#"{{"credentials":{{"accessKeyId":"ASIA{key}","sessionToken":"{token}","expiration":"Mar 4, 2025, 6:31:14 PM"}},"assumedRoleUser":{{"assumedRoleId":"AROA{principal}:session-{principal}","arn":"arn:aws:sts::{account}:assumed-role/service-{thing}/session-{principal}"}}}}"#
        ),
        more: format!(
            r#""resources":[{{"accountId":"{account}","type":"AWS::IAM::Role","ARN":"arn:aws:iam::{account}:role/service-{thing}"}}],"#
        ),
        read_only: true,
    }
}

fn bucket(random: &mut Rng, account: &str, region: &str, thing: &str) -> Call {
    let id = letters(random, BASE64, 75);
    Call {
        service: "s3",
        name: "GetBucketAcl",
        request: format!(
            r#"{{"bucketName":"data-{thing}","Host":"data-{thing}.s3.{region}.amazonaws.com","acl":""}}"#
        ),
        response: "null".to_owned(),
        more: format!(
            r#""additionalEventData":{{"SignatureVersion":"SigV4","CipherSuite":"TLS_AES_128_GCM_SHA256","bytesTransferredIn":0,"AuthenticationMethod":"AuthHeader","x-amz-id-2":"{id}=","bytesTransferredOut":{}}},"resources":[{{"accountId":"{account}","type":"AWS::S3::Bucket","ARN":"arn:aws:s3:::data-{thing}"}}],"#,
            random.u32(300..900)
        ),
        read_only: true,
    }
}

/// What a backup of an instance logs: an image, and its snapshot given to the account that keeps backups.
pub(super) fn backup(random: &mut Rng) -> [Call; 2] {
    let (instance, image, snapshot) =
        (letters(random, HEX, 17), letters(random, HEX, 17), letters(random, HEX, 17));
    let write = |name, request, response| Call {
        service: "ec2",
        name,
        request,
        response,
        more: String::new(),
        read_only: false,
    };
    [
        write(
            if random.bool() { "CreateImage" } else { "RegisterImage" },
            format!(r#"{{"instanceId":"i-{instance}","name":"backup-{instance}","noReboot":true}}"#),
            format!(r#"{{"requestId":"{}","imageId":"ami-{image}"}}"#, uuid(random)),
        ),
        write(
            "ModifySnapshotAttribute",
            format!(
                r#"{{"snapshotId":"snap-{snapshot}","createVolumePermission":{{"add":{{"items":[{{"userId":"100000000001"}}]}}}},"attributeType":"CREATE_VOLUME_PERMISSION"}}"#
            ),
            format!(r#"{{"requestId":"{}","_return":true}}"#, uuid(random)),
        ),
    ]
}

/// The one that must be found.
pub(super) fn share(random: &mut Rng) -> Call {
    let image = letters(random, HEX, 17);
    Call {
        service: "ec2",
        name: "ModifyImageAttribute",
        request: format!(
            r#"{{"imageId":"ami-{image}","launchPermission":{{"add":{{"items":[{{"userId":"999988887777"}}]}}}},"attributeType":"launchPermission"}}"#
        ),
        response: format!(r#"{{"requestId":"{}","_return":true}}"#, uuid(random)),
        more: String::new(),
        read_only: false,
    }
}
