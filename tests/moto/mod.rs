//! The whole program against moto, which somebody else wrote: findings equal what was seeded.

mod alike;
mod athena;
mod bucket;
mod digests;
mod http;
mod logs;
mod remediate;
mod s3;
mod s3_faults;
mod s3_hostile;
mod s3_prefixes;
mod s3_runs;
mod scan;
mod server;
mod snapshots;
