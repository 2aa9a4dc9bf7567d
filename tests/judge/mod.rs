//! Rules, each on its own fixture.

mod rules;
