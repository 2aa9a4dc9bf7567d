//! The whole program against moto, which somebody else wrote: findings equal what was seeded.

mod bucket;
mod http;
mod s3;
mod scan;
mod server;
