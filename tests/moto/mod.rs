//! The whole program against moto, which somebody else wrote: findings equal what was seeded.

mod scan;
mod server;
