mod blocks;
mod counts;
mod failing;
mod folding;
mod mending;
mod running;
mod versions;
