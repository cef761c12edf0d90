mod blocks;
mod counts;
mod erasing;
mod failing;
mod folding;
mod mending;
mod running;
mod versions;
