//! The whole program against moto, which somebody else wrote: findings equal what was seeded.

mod athena;
mod scan;
mod server;
